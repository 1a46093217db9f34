"""Pages of a list, walked in both directions."""

from pathlib import Path

import pytest

from desktop_app.store.database import Database
from desktop_app.store.paging import PageQuery, read_page
from desktop_app.store.tables import assistants
from desktop_app.store.upgrade import upgrade_database
from desktop_app.wire.errors import ApiError


@pytest.fixture
def connection(tmp_path: Path):
    upgrade_database(tmp_path / "deskside.sqlite3", tmp_path / "backups")
    database = Database(tmp_path / "deskside.sqlite3")
    with database.write() as connection:
        for number in range(1, 8):  # one second for all: only the sequence can order them
            connection.execute(assistants.insert().values(id=f"a{number}", created_at=5, model="m"))
        yield connection
    database.close()


@pytest.mark.parametrize(
    ("query", "ids", "has_more"),
    [
        (PageQuery(limit=3), "a7 a6 a5", True),
        (PageQuery(limit=3, order="asc"), "a1 a2 a3", True),
        (PageQuery(limit=7), "a7 a6 a5 a4 a3 a2 a1", False),
        (PageQuery(limit=3, after="a5"), "a4 a3 a2", True),
        (PageQuery(limit=3, after="a3"), "a2 a1", False),
        (PageQuery(limit=3, order="asc", after="a5"), "a6 a7", False),
        (PageQuery(limit=2, before="a3"), "a5 a4", True),
        (PageQuery(limit=2, order="asc", before="a3"), "a1 a2", False),
        (PageQuery(limit=2, order="asc", before="a4"), "a2 a3", True),
        (PageQuery(limit=10, after="a6", before="a2"), "a5 a4 a3", False),
        (PageQuery(limit=10, order="asc", after="a6", before="a2"), "", False),
        (PageQuery(limit=2, after="a1"), "", False),
    ],
)
def test_a_page_holds_what_its_query_names(connection, query: PageQuery, ids: str, has_more: bool) -> None:
    page = read_page(connection, assistants, query)
    assert (" ".join(row["id"] for row in page.rows), page.has_more) == (ids, has_more)


def test_a_cursor_of_another_list_is_refused(connection) -> None:
    with pytest.raises(ApiError) as refusal:
        read_page(connection, assistants, PageQuery(after="a3"), assistants.c.id != "a3")
    assert (refusal.value.status, refusal.value.param) == (400, "after")
