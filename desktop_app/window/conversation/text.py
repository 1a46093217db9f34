"""What any text goes through before Qt sees it, whoever wrote it."""

import re
from html import escape

# Object and frame marks of QTextDocument, our own chip marks, lone surrogates, C0 but tab and newline.
_HOSTILE = re.compile("[\ufffc\ufdd0-\ufdef\ue000\ue001\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# The bidi embeddings and overrides with which "exe.fdp" poses as a PDF.
_BIDI = re.compile("[\u202a-\u202e]")
_BREAKS = re.compile("[\r\x85\u2028\u2029]")


def clean(text: str) -> str:
    """`text` without characters that mean something to Qt; as long as before, so that positions hold."""
    text = _BREAKS.sub("\n", text.replace("\r\n", " \n"))
    return _BIDI.sub("\u200b", _HOSTILE.sub("\ufffd", text))


def plain_to_html(text: str) -> str:
    """Cleaned plain text as it was typed: line breaks and runs of spaces are kept."""
    lines = escape(text).replace("\n", "<br />")
    return f'<p style="white-space: pre-wrap; margin: 0">{lines}</p>'
