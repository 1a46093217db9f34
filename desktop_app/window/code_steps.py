"""Code that a run has run, out of its steps, as the conversation shows it. No widgets."""

from typing import TYPE_CHECKING

from desktop_app.window.conversation.code import cell_markdown
from desktop_app.window.conversation.items import MessageItem, Status
from desktop_app.wire.code import CodeExtension

if TYPE_CHECKING:
    from openai.types.beta.threads.runs import RunStep


def code_items(step: "RunStep") -> list[MessageItem]:
    """An item for each cell of a step that has ended."""
    if step.step_details.type != "tool_calls":
        return []
    items = []
    for index, call in enumerate(step.step_details.tool_calls):
        if call.type != "code_interpreter":
            continue
        ended = CodeExtension.model_validate(getattr(call, "deskside", None) or {})
        logs = "".join(output.logs for output in call.code_interpreter.outputs if output.type == "logs")
        text = cell_markdown(call.code_interpreter.input, logs, ended.tables)
        status: Status = "completed" if ended.outcome == "ok" else "stopped"
        seconds = round(ended.seconds)
        items.append(
            MessageItem(
                code_id(step.id, index),
                "code",
                text,
                status=status,
                created_at=step.created_at,
                seconds=seconds,
                code=call.code_interpreter.input,
                tables=tuple(ended.tables),
            )
        )
    return items


def code_id(step_id: str, index: int) -> str:
    return f"{step_id}.{index}"
