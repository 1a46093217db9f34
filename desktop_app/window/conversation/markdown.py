"""Cleaned Markdown -> the HTML that Qt's text documents understand. Nothing in it can load, run or hide anything.

Raw HTML stays text, images become links, and links other than http(s), mailto and those to files of code stay text.
This module is imported, and with it markdown-it and Pygments, a moment after the window has opened.
"""

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Keyword, Name, Number, Operator, String, is_token_subtype
from pygments.util import ClassNotFound

from desktop_app.window.conversation.chips import CHIP
from desktop_app.window.conversation.items import PRODUCED
from desktop_app.window.theme import LIGHT, Colours

_CHIP_OPEN, _CHIP_CLOSE = "\ue000", "\ue001"
_CHIP_MARK = re.compile(f"{_CHIP_OPEN}(\\d+){_CHIP_CLOSE}")

_DEEPEST_QUOTE = 3
"""Qt lays a table in a table out several times per level: deeper quotes lose their bar."""

_LONGEST_LEXED_LINE = 1000


def prepare() -> None:
    """Build the parser and a lexer now, not while somebody waits for an answer."""
    to_html("```python\npass\n```", "", LIGHT)


def with_chips(text: str, chips: Sequence[tuple[int, int, int]]) -> str:
    """`text` with the spans `(start, end, number)`, in order and apart, replaced by what `to_html` makes chips of."""
    pieces, here = [], 0
    for start, end, number in chips:
        pieces += [text[here:start].rstrip(" "), f"{_CHIP_OPEN}{number}{_CHIP_CLOSE}"]
        here = end
    return "".join([*pieces, text[here:]])


def to_html(text: str, definitions: str, colours: Colours, plain_code: bool = False) -> str:
    """The HTML of cleaned Markdown. `definitions` are link references made elsewhere in the same message;
    `plain_code` leaves code blocks without colours."""
    env: dict[str, Any] = {"colours": colours, "plain_code": plain_code}
    parser = _parser()
    if definitions:
        parser.parse(definitions, env)
    html: str = parser.render(text, env).rstrip()  # a last newline would be a space
    # the word joiner keeps a chip on the line of the word it belongs to
    return _CHIP_MARK.sub(rf'&#8288;<img src="{CHIP}\1" />', html)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])
    parser.use(tasklists_plugin)
    parser.validateLink = _is_safe  # type: ignore[method-assign]  # markdown-it's documented way to say so
    for rule in _RULES:
        parser.add_render_rule(rule.__name__, rule)
    return parser


def _is_safe(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in ("http", "https", "mailto", PRODUCED)
    except ValueError:
        return False


# Render rules of markdown-it, each named after the token it renders.


def fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    words = tokens[index].info.split()
    code = tokens[index].content.removesuffix("\n")
    lexer = None if env["plain_code"] or not words else _lexer(words[0])
    too_wide = any(len(line) > _LONGEST_LEXED_LINE for line in code.splitlines())
    body = escape(code) if lexer is None or too_wide else _coloured(code, lexer, env["colours"])
    # The ground marks the table as code for `document.py`, which paints it with round corners.
    table = '<table width="100%" cellspacing="0" cellpadding="12" bgcolor="#000">'
    return f"{table}<tr><td><pre>{body}</pre></td></tr></table>"


code_block = fence


def blockquote_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return (
        '<table cellspacing="0" cellpadding="0"><tr><td>'
        if _quotes_around(tokens, index) < _DEEPEST_QUOTE
        else "<div>"
    )


def blockquote_close(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</td></tr></table>" if _quotes_around(tokens, index) - 1 < _DEEPEST_QUOTE else "</div>"


def _quotes_around(tokens: Sequence[Token], index: int) -> int:
    kinds = [token.type for token in tokens[:index]]
    return kinds.count("blockquote_open") - kinds.count("blockquote_close")


def table_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return '<table border="1" cellspacing="0" cellpadding="7" style="border-collapse: collapse">'


def heading_open(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Qt's own headings have sizes that a style sheet can't change."""
    return f'<p class="{tokens[index].tag}">'


def heading_close(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</p>\n"


def image(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    words = renderer.renderInlineAsText(token.children, options, env) or "image"
    return f'<a href="{escape(str(token.attrs["src"]))}">{escape(words)}</a>'


def html_inline(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Only the task list plugin makes these: an <input>, which Qt doesn't know."""
    return "☑" if "checked" in tokens[index].content else "☐"


_RULES = (
    fence,
    code_block,
    blockquote_open,
    blockquote_close,
    table_open,
    heading_open,
    heading_close,
    image,
    html_inline,
)


def _lexer(name: str) -> Lexer | None:
    try:
        return get_lexer_by_name(name, stripnl=False)
    except ClassNotFound:
        return None


def _coloured(code: str, lexer: Lexer, colours: Colours) -> str:
    """Few colours, each of them readable on the code's ground in light and dark."""
    kinds = {
        Comment: colours.muted,
        Keyword: colours.accent,
        Operator.Word: colours.accent,
        String: colours.success,
        Number: colours.warning,
        Name.Builtin: colours.accent,
        Name.Decorator: colours.warning,
        Name.Tag: colours.accent,
    }
    pieces = []
    for kind, words in lexer.get_tokens(code):
        colour = next((colour for parent, colour in kinds.items() if is_token_subtype(kind, parent)), None)
        text = escape(words)
        pieces.append(text if colour is None else f'<span style="color: {colour.name()}">{text}</span>')
    return "".join(pieces).removesuffix("\n")
