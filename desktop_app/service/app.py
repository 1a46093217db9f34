"""The web application: every resource's routes under /v1, errors in one shape, the guard around it all."""

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse

from desktop_app import __version__
from desktop_app.service import errors
from desktop_app.service.requests import check_ids
from desktop_app.service.rooms import Rooms
from desktop_app.service.routes import PREFIX, ROUTERS


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The page that describes the routes; made when it is first asked for, as it needs the SDK's types."""
        if self.openapi_schema is None:
            from desktop_app.service.openapi import complete

            complete(super().openapi())
        assert self.openapi_schema is not None
        return self.openapi_schema


def create_app(rooms: Rooms) -> FastAPI:
    app = _App(
        title="Deskside",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
        redirect_slashes=False,
        default_response_class=JSONResponse,
        dependencies=[Depends(check_ids)],
    )
    app.state.rooms = rooms
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    return app
