"""Text of the user's as HTML: Markdown with tables, without HTML, scripts and comments.

A picture is shown where the record of the site holds it; any other would be a request to another
server, so its words stand there. Addresses that run something (``javascript:``) stay text. A
heading has the id that GitHub gives it, so that one link leads to it here and there.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token
from markupsafe import Markup


@dataclass(frozen=True)
class Shown:
    """Where a picture lies, and its size in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True)
class Around:
    """What a text may lead to and show; all paths go from one folder, that of the TOML."""

    folder: str = ""
    """Where the text lies: its own paths go from there."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Addresses of pages, by the files they were made of."""
    files: frozenset[str] = frozenset()
    """What is no page and not in the site."""
    source: str = ""
    """Goes before ``files``; empty where nobody can see them: then a link stays words."""
    pictures: Mapping[str, Shown] = field(default_factory=dict)

    def path(self, target: str) -> str:
        """Return what the text calls ``target``."""
        return posixpath.normpath(posixpath.join(self.folder, unquote(target)))


@dataclass(frozen=True)
class Heading:
    """A heading of a text."""

    level: int
    text: str
    id: str


def block(text: str, around: Around | None = None) -> Markup:
    """Return paragraphs, lists, tables, headings with ids."""
    tokens = _parser().parse(text)
    for token, heading in _headings(tokens):
        token.attrs["id"] = heading.id
    for token in tokens:
        _settle(token.children or [], around or Around())
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))


def headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of a text, in order."""
    return tuple(heading for _, heading in _headings(_parser().parse(text)))


def line(text: str) -> Markup:
    """Return what stands inside a paragraph."""
    tokens = _parser().parseInline(text)
    for token in tokens:
        _settle(token.children or [], Around())
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    ends: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("html_block", "comment", _comment, ends)
    scrolls = '<div class="scroll" tabindex="0"><table>'
    parser.add_render_rule("table_open", lambda *_: scrolls)
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("code_block", _code)
    return parser


def _code(self: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """Return a block of code; it is scrolled by keys, too."""
    return f'<pre tabindex="0"><code>{Markup.escape(tokens[at].content)}</code></pre>\n'


def _comment(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Pass over ``<!-- … -->`` where it begins a line."""
    start = state.bMarks[first] + state.tShift[first]
    if state.is_code_block(first) or not state.src.startswith("<!--", start):
        return False
    for number in range(first, end):
        if state.src[state.bMarks[number] : state.eMarks[number]].rstrip().endswith("-->"):
            if not silent:
                state.line = number + 1
            return True
    return False


def _headings(tokens: Sequence[Token]) -> Iterator[tuple[Token, Heading]]:
    seen: Counter[str] = Counter()
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            text = "".join(child.content for child in after.children or [])
            # github.com/Flet/github-slugger says how
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            times, seen[slug] = seen[slug], seen[slug] + 1
            yield token, Heading(int(token.tag[1]), text, f"{slug}-{times}" if times else slug)


def _settle(tokens: list[Token], around: Around) -> None:
    """Make links lead and pictures show; what does neither becomes its words."""
    dropped = False
    for token in tokens:
        if token.type == "image":
            _show(token, around)
        elif token.type == "link_open":
            dropped = not _lead(token, around)
        if dropped and token.type in ("link_open", "link_close"):
            dropped = token.type == "link_open"
            token.type, token.tag, token.content, token.nesting = "text", "", "", 0


def _lead(token: Token, around: Around) -> bool:
    """Give a link its address in the site; say whether it has one."""
    address = str(token.attrs["href"])
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path:
        return True
    path = around.path(parts.path)
    anchor = f"#{parts.fragment}" if parts.fragment else ""
    if path in around.pages:
        token.attrs["href"] = around.pages[path] + anchor
    elif path in around.files:
        token.attrs["href"] = urljoin(f"{around.source.rstrip('/')}/", path + anchor)
        return bool(around.source)
    return True


def _show(token: Token, around: Around) -> None:
    shown = around.pictures.get(around.path(str(token.attrs["src"])))
    if shown is None:
        token.type, token.tag = "text", ""
        return
    token.attrs = {
        "src": shown.address, "alt": "", "width": shown.width, "height": shown.height,
        "loading": "lazy",
    }  # fmt: skip
