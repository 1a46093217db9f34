"""Every failure becomes the protocol's error body here, and nowhere else."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from desktop_app.service.routes import PREFIX, ROUTERS
from desktop_app.wire.errors import SERVER_ERROR, ApiError, error_body

_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(ClientDisconnect, _broken_off)
    app.add_exception_handler(Exception, _broken)


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)
    headers = {"connection": "close"} if error.status == 408 else None  # the rest of the request never came
    return JSONResponse(error.body(), error.status, headers=headers)


def _framework(request: Request, error: Exception) -> JSONResponse:
    """What the web framework refuses: unknown routes and methods, forms that can't be parsed."""
    assert isinstance(error, HTTPException)
    messages = {
        404: f"Invalid URL ({request.method} {request.url.path[:200]})",
        405: f"Not allowed to {request.method} on {request.url.path[:200]}.",
    }
    message = messages.get(error.status_code, str(error.detail))
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = _methods(request.url.path) or headers["Allow"]
    return JSONResponse(ApiError(message).body(), error.status_code, headers=headers)


def _methods(path: str) -> str:
    """All methods of a path; the framework knows those of one route. A path that is named hides those with places."""
    local = path.removeprefix(PREFIX)
    routes = [each for router in ROUTERS for each in router.routes if isinstance(each, APIRoute)]
    fitting = [each for each in routes if each.path == local] or [
        each for each in routes if each.path_regex.match(local)
    ]
    return ", ".join(sorted({method for each in fitting for method in each.methods or ()}))


def _broken_off(_: Request, error: Exception) -> JSONResponse:
    """The client left in the middle of its request, say a cancelled upload; nobody hears this answer."""
    return JSONResponse(ApiError("The request broke off.").body(), 400)


def _broken(request: Request, error: Exception) -> JSONResponse:
    """Our own fault: the log says what, the client only that."""
    message = "Deskside ran into a problem of its own; its log says more."
    return JSONResponse(error_body(message, SERVER_ERROR), 500)
