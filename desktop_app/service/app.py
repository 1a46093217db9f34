"""The web application: every resource's routes under /v1, errors in one shape, the guard around it all."""

from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse

from desktop_app import __version__
from desktop_app.service import errors
from desktop_app.service.requests import check_ids
from desktop_app.service.rooms import Rooms
from desktop_app.service.routes import ROUTERS


def create_app(rooms: Rooms) -> FastAPI:
    app = FastAPI(
        title="Deskside",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        redirect_slashes=False,
        default_response_class=JSONResponse,
        dependencies=[Depends(check_ids)],
    )
    app.state.rooms = rooms
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    return app
