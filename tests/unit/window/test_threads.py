from datetime import datetime, timedelta, timezone

import pytest

from desktop_app.client.extensions import ThreadEntry
from desktop_app.window.threads.pane import row_of, spoken_time
from desktop_app.wire.extensions import ThreadExtension

NOW = datetime(2026, 3, 10, 15, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-30), "Just now"),
        (timedelta(seconds=20), "Just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=3), "12:30"),
        (timedelta(hours=15, minutes=29), "00:01"),
        (timedelta(hours=15, minutes=31), "Yesterday"),
        (timedelta(days=2), "8 Mar"),
        (timedelta(days=100), "30 Nov 2025"),
    ],
)
def test_times_are_told_as_people_say_them(age: timedelta, words: str) -> None:
    assert spoken_time(int((NOW - age).timestamp()), NOW) == words


def test_a_thread_is_a_title_with_its_age_and_length() -> None:
    entry = ThreadEntry(
        id="thread_1",
        created_at=1,
        deskside=ThreadExtension(
            title="Annual leave", message_count=4, last_active_at=int((NOW - timedelta(minutes=2)).timestamp())
        ),
    )
    row = row_of(entry, NOW)
    assert (row.id, row.title, row.subtitle) == ("thread_1", "Annual leave", "2 min ago · 4 messages")


def test_a_thread_without_a_title_has_a_name_all_the_same() -> None:
    row = row_of(ThreadEntry(id="t", created_at=int(NOW.timestamp())), NOW)
    assert (row.title, row.subtitle) == ("New thread", "Just now · 0 messages")
