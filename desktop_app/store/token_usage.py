"""The tokens of a run or a step: kept with their details, shown as the protocol has them and as our extension."""

from typing import Any

from desktop_app.wire.extensions import UsageDetails

_STANDARD = ("prompt_tokens", "completion_tokens", "total_tokens")


def shown_usage(kept: dict[str, int] | None) -> dict[str, int] | None:
    """The protocol's `usage`."""
    return None if kept is None else {name: kept[name] for name in _STANDARD}


def usage_details(kept: dict[str, Any] | None) -> UsageDetails:
    return UsageDetails.model_validate(kept or {})
