"""The web application: every resource's routes under /v1, errors in one shape, the guard around it all."""

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from desktop_app import __version__
from desktop_app.service import errors
from desktop_app.service.requests import check_ids
from desktop_app.service.rooms import Rooms
from desktop_app.service.routes import PREFIX, ROUTERS


def create_app(rooms: Rooms) -> FastAPI:
    app = FastAPI(
        title="Deskside",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        default_response_class=JSONResponse,
        dependencies=[Depends(check_ids)],
    )
    app.state.rooms = rooms
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.add_api_route(f"{PREFIX}/openapi.json", _page, include_in_schema=False)
    return app


def _page(request: Request) -> JSONResponse:
    """The description of the routes; made when it is first asked for, as it needs the SDK's types and a second."""
    from desktop_app.service.openapi import describe

    app: FastAPI = request.app
    if app.openapi_schema is None:
        app.openapi_schema = describe(app)
    return JSONResponse(app.openapi_schema)
