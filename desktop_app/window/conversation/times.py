"""When messages were written, in words."""

from datetime import datetime, timedelta

from PySide6.QtCore import QDateTime, QLocale

PAUSE_S = 30 * 60
"""After a pause of so many seconds the time is shown again."""


def heading(created_at: int, previous: int, now: datetime | None = None) -> str:
    """What stands above a message written at `created_at` when the one before is from `previous` (Unix seconds, 0:
    unknown or none): "Today 09:41", or "" when little time has passed."""
    if not created_at or (previous and created_at - previous < PAUSE_S):
        return ""
    then = datetime.fromtimestamp(created_at).astimezone()
    today = (now or datetime.now().astimezone()).date()
    moment, locale = QDateTime.fromSecsSinceEpoch(created_at), QLocale()
    clock = locale.toString(moment.time(), QLocale.FormatType.ShortFormat)
    if then.date() == today:
        return f"Today {clock}"
    if then.date() == today - timedelta(days=1):
        return f"Yesterday {clock}"
    day = locale.toString(moment.date(), "d MMMM" if then.year == today.year else "d MMMM yyyy")
    return f"{day}, {clock}"
