"""The child process that reads files (`python -m desktop_app parse-worker`): requests in, pages out.

It dies with its owner, takes no more memory than it was given, and prints nothing into the pipe.
"""

import os
import queue
import sys
import threading
from pathlib import Path
from typing import IO, Any

from desktop_app.documents.parsing.formats import read_document
from desktop_app.documents.parsing.pages import MAX_CHARACTERS, NO_TEXT, UnreadableFileError, too_much_text
from desktop_app.settings.confinement import confine
from desktop_app.settings.frames import read_frame, stdout_for_frames, write_frame

NO_TEXT_ON_PAGES = "No text was found: these are pictures of pages (a scan). Text recognition is needed."


def run(memory_mb: int) -> int:
    """Serve requests until the owner closes the pipe."""
    confine(memory_mb)
    answers = stdout_for_frames()
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, requests), daemon=True).start()
    while True:
        request = requests.get()
        try:
            _serve(Path(request["path"]), str(request["name"]), answers)
        except BrokenPipeError:
            os._exit(0)  # the owner is gone


def _serve(path: Path, name: str, answers: IO[bytes]) -> None:
    try:
        page_count, pages = read_document(path, name)
        write_frame(answers, {"kind": "opened", "pages": page_count})
        characters, pictures = 0, False
        for page in pages:
            text = page.text if page.text.strip() else ""
            characters += len(text)
            pictures = pictures or not (text or page.blank)
            if characters > MAX_CHARACTERS:
                raise too_much_text()
            fields = {"kind": "page", "number": page.number, "label": page.label, "text": text, "blank": page.blank}
            write_frame(answers, fields | {"width": page.width, "height": page.height}, page.words or b"")
        if characters == 0:
            raise UnreadableFileError(NO_TEXT_ON_PAGES if page_count and pictures else NO_TEXT)
        write_frame(answers, {"kind": "done"})
    except UnreadableFileError as error:
        _fail(answers, error.message, error.code)
    except FileNotFoundError:
        _fail(answers, "The file is missing: it was deleted before it was read.", "server_error")
    except BrokenPipeError:
        raise
    except OSError as error:
        _fail(answers, f"The file could not be read: {error.strerror or error}.", "server_error")
    except MemoryError:
        write_frame(answers, {"kind": "out_of_memory"})
    except Exception as error:
        _fail(
            answers, f"Reading this file failed ({type(error).__name__}: {error}). It may be damaged.", "invalid_file"
        )


def _fail(answers: IO[bytes], message: str, code: str) -> None:
    write_frame(answers, {"kind": "failed", "message": message[:2000], "code": code})


def _receive(stream: IO[bytes], requests: "queue.SimpleQueue[dict[str, Any]]") -> None:
    """Pass requests on; when the owner is gone, end at once, also in the middle of a file."""
    while (frame := read_frame(stream)) is not None:
        requests.put(frame[0])
    os._exit(0)
