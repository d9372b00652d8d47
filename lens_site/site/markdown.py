"""Text of the user's as HTML: Markdown with tables, without HTML, scripts or pictures.

Pictures are left out because they would be requests to other servers, or files that the record of
the site does not hold. Addresses that run something (``javascript:``) stay text.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


def block(text: str, links: Mapping[str, str] | None = None) -> Markup:
    """Return paragraphs, lists, headings with ids; ``links``: where files of other pages went."""
    tokens = _parser().parse(text)
    for token, after in pairwise([*tokens, Token("", "", 0)]):
        _lead(token.children or [], links or {})
        if token.type == "heading_open":
            token.attrs["id"] = "-".join(re.findall(r"[^\W_]+", after.content.lower()))
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))


def line(text: str) -> Markup:
    """Return what stands inside a paragraph."""
    return Markup(_parser().renderInline(text))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _lead(tokens: list[Token], links: Mapping[str, str]) -> None:
    """Make links to files of the user's pages lead to the pages."""
    for token in tokens:
        parts = urlsplit(str(token.attrs.get("href", "")))
        target = parts.path.rpartition("/")[2]
        if token.type == "link_open" and not parts.netloc and target in links:
            token.attrs["href"] = links[target] + (f"#{parts.fragment}" if parts.fragment else "")
