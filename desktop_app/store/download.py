"""Downloads that go on where they were cut off."""

import html
import os
import re
import ssl
from collections.abc import Callable
from pathlib import Path

import httpx2

_TIMEOUT = httpx2.Timeout(30, connect=10)
_INDEX = "https://pypi.org/simple"


class DownloadError(Exception):
    """A file could not be fetched; the message names the address and what happened."""


def wheel_address(project: str, wheel: str) -> str:
    """Where the Python package index (`PIP_INDEX_URL`, else the public one) keeps `wheel`; raises DownloadError."""
    page = f"{os.environ.get('PIP_INDEX_URL', _INDEX).rstrip('/')}/{project}/"
    try:
        with _client() as client:
            answer = client.get(page)
            answer.raise_for_status()
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise DownloadError(f"{_without_key(page)}: {_words(error)}.") from error
    link = re.search(rf'href="([^"]*{re.escape(wheel)}[^"]*)"', answer.text)
    if link is None:
        raise DownloadError(f"{_without_key(page)} does not list {wheel}.")
    return str(answer.url.join(html.unescape(link[1])).copy_with(fragment=None))


def download(address: str, target: Path, progress: Callable[[int, int], None]) -> str:
    """Fetch `address` into `target`, which is complete or not there; a rest waits in `<target>.part`.

    A connection that breaks is tried again as long as something comes. `progress(bytes there, bytes in all)` may raise
    to give up. Answers the sha256 that the server announces for the file, "" where it announces none. Raises
    DownloadError.
    """
    part = part_of(target)
    while True:
        there = part.stat().st_size if part.exists() else 0
        try:
            announced = _fetch(address, part, there, progress)
            break
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            if not _came_further(error, part, there):
                raise DownloadError(f"{_without_key(address)}: {_words(error)}.") from error
    part.replace(target)
    return announced


def part_of(target: Path) -> Path:
    """Where a download that is not complete waits."""
    return target.with_name(target.name + ".part")


def _fetch(address: str, part: Path, there: int, progress: Callable[[int, int], None]) -> str:
    headers = {"Accept-Encoding": "identity"}
    if there:
        headers["Range"] = f"bytes={there}-"
    with _client() as client, client.stream("GET", address, headers=headers) as answer:
        if answer.status_code == httpx2.codes.RANGE_NOT_SATISFIABLE:
            part.unlink()  # what lies there is no beginning of this file, or all of it
        answer.raise_for_status()
        if answer.status_code != httpx2.codes.PARTIAL_CONTENT:
            there = 0
        total = there + int(answer.headers.get("Content-Length", 0))
        with part.open("ab" if there else "wb") as file:
            for block in answer.iter_bytes(1 << 18):
                file.write(block)
                there += len(block)
                progress(there, total)
        return _announced(answer)


def _announced(answer: httpx2.Response) -> str:
    """Model hubs name a large file's sha256 where they send on to its place."""
    for step in (*answer.history, answer):
        tag = step.headers.get("X-Linked-Etag", "").strip('"')
        if re.fullmatch("[0-9a-f]{64}", tag):
            return tag
    return ""


def _came_further(error: Exception, part: Path, there: int) -> bool:
    if isinstance(error, httpx2.HTTPStatusError):
        return error.response.status_code == httpx2.codes.RANGE_NOT_SATISFIABLE
    return part.exists() and part.stat().st_size > there


def _client() -> httpx2.Client:
    return httpx2.Client(follow_redirects=True, timeout=_TIMEOUT, verify=_certificates())


def _certificates() -> ssl.SSLContext:
    """The system's certificates, and those that the usual variables of Python programs name."""
    context = ssl.create_default_context()
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT"):
        bundle = os.environ.get(name)
        if bundle and Path(bundle).is_file():
            context.load_verify_locations(bundle)
    return context


def _words(error: Exception) -> str:
    if isinstance(error, httpx2.HTTPStatusError):
        return f"answered {error.response.status_code}"
    return str(error).rstrip(".") or type(error).__name__


def _without_key(address: str) -> str:
    """An address as it may be shown: without the name and password that a private index needs."""
    return re.sub(r"//[^/@]*@", "//", address)
