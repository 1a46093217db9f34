"""One module of routes per resource of the protocol, and one for what Deskside adds."""

from desktop_app.service.routes import (
    assistants,
    deskside,
    file_batches,
    files,
    messages,
    models,
    store_files,
    threads,
    vector_stores,
)

ROUTERS = (
    assistants.router,
    threads.router,
    messages.router,
    files.router,
    vector_stores.router,
    store_files.router,
    file_batches.router,
    models.router,
    deskside.router,
)
