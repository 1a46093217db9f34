"""From a place in a document's text to the page, the characters and the boxes that a person is shown."""

from desktop_app.documents import layout
from desktop_app.store import documents as rows
from desktop_app.store.database import Database
from desktop_app.wire.errors import ApiError, no_such_file
from desktop_app.wire.extensions import Citation, PageText


def locate(database: Database, file_id: str, start: int, end: int, exact: bool = True) -> Citation:
    """The citation for characters `start` to `end` of a document's text.

    A citation names one page: where a passage runs over several, the one that holds most of it, and that part.
    Raises ApiError 404 when the file is gone.
    """
    with database.read() as connection:
        name = rows.file_name(connection, file_id)
        if name is None:
            raise no_such_file(file_id)
        pages = rows.pages_between(connection, file_id, start, end)
    if not pages:
        return Citation(file_id=file_id, file_name=name, quote="", exact=False)

    def part(page: rows.PageRow) -> tuple[int, int]:
        length = len(page.text)
        return min(max(start - page.start, 0), length), min(end - page.start, length)

    page = max(pages, key=lambda page: part(page)[1] - part(page)[0])
    first, last = part(page)
    quote = page.text[first:last]
    first += len(quote) - len(quote.lstrip())
    quote = quote.strip()
    last = first + len(quote)
    return Citation(
        file_id=file_id,
        file_name=name,
        quote=quote,
        page=page.number if page.label else None,
        page_label=page.label,
        start=first,
        end=last,
        boxes=layout.boxes(page.words, page.number, first, last),
        exact=exact,
    )


def page_text(database: Database, file_id: str, number: int) -> PageText:
    """A page for the Source pane, `number` from 1. Raises ApiError 404 when the file or the page is not there."""
    with database.read() as connection:
        name = rows.file_name(connection, file_id)
        if name is None:
            raise no_such_file(file_id)
        page = rows.read_page(connection, file_id, number)
        count = rows.page_count(connection, file_id)
    if page is None:
        message = f"'{name}' has {count} pages." if count else f"'{name}' has not been read."
        raise ApiError(f"There is no page {number}: {message}", status=404, param="number")
    return PageText(
        file_id=file_id,
        file_name=name,
        number=number,
        label=page.label,
        page_count=count,
        text=page.text,
        width=page.width,
        height=page.height,
        has_text=bool(page.text),
    )
