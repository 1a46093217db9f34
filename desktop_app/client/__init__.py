"""An OpenAI client pointed at a Deskside service, typed calls for our extensions, and starting a local service."""

from desktop_app.client.connection import Connection
from desktop_app.client.errors import ClientError, LocalServiceError, RefusedError, ServiceLostError
from desktop_app.client.local_service import LocalService

__all__ = ["ClientError", "Connection", "LocalService", "LocalServiceError", "RefusedError", "ServiceLostError"]
