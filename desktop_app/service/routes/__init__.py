"""One module of routes per resource of the protocol, and one for what Deskside adds."""

from desktop_app.service.routes import (
    assistants,
    code,
    deskside,
    file_batches,
    files,
    local_models,
    messages,
    models,
    providers,
    runs,
    search,
    steps,
    store_files,
    threads,
    uploads,
    vector_stores,
)

PREFIX = "/v1"

ROUTERS = (
    assistants.router,
    runs.router,  # before threads: /threads/runs is no thread
    threads.router,
    messages.router,
    files.router,
    uploads.router,
    vector_stores.router,
    store_files.router,
    file_batches.router,
    search.router,
    steps.router,
    models.router,
    deskside.router,
    code.router,
    providers.router,
    local_models.router,
)
