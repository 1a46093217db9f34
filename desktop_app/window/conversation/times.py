"""When messages were written, in words."""

from datetime import datetime, timedelta

from PySide6.QtCore import QDateTime, QLocale

PAUSE_S = 30 * 60
"""After a pause of so many seconds the time is shown again."""


def is_shown(created_at: int, previous: int) -> bool:
    """Whether the time stands above a message, when the one before is from `previous` (Unix seconds; 0: unknown)."""
    return created_at > 0 and created_at - previous >= PAUSE_S


def in_words(created_at: int, now: datetime | None = None) -> str:
    """ "Today 09:41", "Yesterday 09:41", "12 November, 09:41"; with the year when it is another one."""
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
