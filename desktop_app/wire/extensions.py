"""What Deskside adds to the protocol: fields on its objects and objects of our own routes.

Extra fields on a standard object sit under its key `deskside`, except in a citation, whose fields join
`file_citation` next to `file_id`, where the old `quote` was. SDKs ignore both.
"""

from typing import Literal

from pydantic import BaseModel

from desktop_app.wire.code import SandboxState


class Box(BaseModel):
    """A rectangle on a page as shown (crop box and rotation applied), in PDF points from its top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


class Citation(BaseModel):
    """`file_citation` of an annotation: where the cited words stand, decided by the engine.

    `page` counts from 1 and is null where the format has no pages; `page_label` is what a person calls it
    ("page 4", "slide 2", "sheet Prices"; "" without pages). `start` and `end` are code points in the text of
    that page (of the whole text without pages), as `GET /v1/deskside/files/{id}/pages/{page}` answers it.
    `exact` is false where only the passage, not a sentence, could be named.
    """

    file_id: str
    file_name: str
    quote: str
    page: int | None = None
    page_label: str = ""
    start: int = 0
    end: int = 0
    boxes: list[Box] = []
    exact: bool = True


class ThreadExtension(BaseModel):
    """`thread.deskside`: what a list of threads shows. Times are Unix seconds."""

    title: str = ""
    message_count: int = 0
    last_active_at: int = 0
    assistant_id: str | None = None
    active_run_id: str | None = None


class UsageDetails(BaseModel):
    """Of the tokens in `usage`: prompt tokens that the provider had cached, completion tokens spent on reasoning."""

    cached_tokens: int = 0
    reasoning_tokens: int = 0


class RunExtension(BaseModel):
    """`run.deskside`: who answered. `answered_by` is "reader" or the model's name there; `run.model` is as asked.

    The others are as in `wire.models.ModelExtension`, at the time of the run.
    """

    answered_by: str = ""
    provider_id: str = ""
    provider_name: str = ""
    where: str = ""
    status_text: str = ""
    usage: UsageDetails = UsageDetails()


class RunStepExtension(BaseModel):
    """`run_step.deskside`: what the model thought before this step, as far as its provider tells; "" for nothing.

    In the step's `thread.run.step.created` it is what was thought by then; it is whole when the step has ended.
    """

    reasoning: str = ""
    usage: UsageDetails = UsageDetails()


class ReasoningDelta(BaseModel):
    """Data of the stream event `thread.run.reasoning.delta`: more of what the model thinks.

    Its text joins what came since the last `thread.run.step.created`; the next step that is created carries it
    whole. Sent only to clients that ask for it with the request header `X-Deskside-Reasoning: 1`.
    """

    object: Literal["deskside.reasoning.delta"] = "deskside.reasoning.delta"
    run_id: str
    text: str


class FileExtension(BaseModel):
    """`vector_store_file.deskside`: what the Documents pane shows for a file.

    `stage` says what is being done now, `progress` is 0..1 of it; `pages_without_text` are page numbers from 1;
    blank pages are not among them.
    `reason` is a sentence for people and is set when the file failed or has pages without text.
    """

    file_name: str = ""
    bytes: int = 0
    stage: Literal["waiting", "reading", "embedding", "ready", "failed", "cancelled"] = "waiting"
    progress: float = 0.0
    page_count: int = 0
    pages_without_text: list[int] = []
    reason: str = ""


class PageText(BaseModel):
    """A page as the Source pane needs it. `width` and `height` in points, 0 where there is no layout."""

    object: Literal["deskside.page"] = "deskside.page"
    file_id: str
    file_name: str
    number: int
    label: str
    page_count: int
    text: str
    width: float = 0.0
    height: float = 0.0
    has_text: bool = True


class ModelFilesState(BaseModel):
    """How the model files for search are doing. `progress` is 0..1; `error` is a sentence with its remedy."""

    state: Literal["missing", "fetching", "building", "ready", "failed"] = "missing"
    progress: float = 0.0
    error: str = ""


class ServiceStatus(BaseModel):
    """`GET /v1/deskside/status`. `provider` is the host questions go to; "" when they stay on this machine.

    `reader_answers`: nothing else is set up, so that every name but a local model's reaches the built-in reader.
    """

    object: Literal["deskside.status"] = "deskside.status"
    version: str
    data_dir: str
    provider: str = ""
    reader_answers: bool = True
    model_files: ModelFilesState = ModelFilesState()
    sandbox: SandboxState = SandboxState()


class Change(BaseModel):
    """One entry of the live feed `GET /v1/deskside/events`: something a pane shows has changed.

    The event's name is `deskside.changed`; what changed is read again over the ordinary routes.
    """

    object: Literal["deskside.change"] = "deskside.change"
    kind: Literal[
        "assistant", "thread", "message", "run", "vector_store", "vector_store_file", "file", "status", "model"
    ]
    id: str
    parent_id: str | None = None
    action: Literal["created", "changed", "deleted"] = "changed"


class Samples(BaseModel):
    """`POST /v1/deskside/samples`: the ready assistant with its documents; made once per data folder."""

    object: Literal["deskside.samples"] = "deskside.samples"
    created: bool
    assistant_id: str | None = None
    vector_store_id: str | None = None
    questions: list[str] = []
