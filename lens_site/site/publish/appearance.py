"""What templates see as ``site``: the title, mark, texts and language of this site."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from lens_site.results.schema import Identity, MarkFile
from lens_site.site import markdown, palette

TITLE = "Lens"


@dataclass(frozen=True)
class Appearance:
    """The user's own of a site, as HTML; what is empty he did not say."""

    title: str
    language: str
    icon: str
    """File of the mark in the assets: what browsers show in a tab."""
    mark: str
    """The mark as a word; empty where it is a picture or the usual one."""
    picture: bool
    """Whether the mark is a picture of the user's."""
    introduction: Markup
    links: Mapping[str, str]
    """Addresses of pages of the user's, by their files."""
    below: str
    license: Markup
    credits: tuple[Markup, ...]

    def footer(self, root: str) -> Markup:
        """Return the last lines of a page; ``root`` goes before links to the rest of the site."""
        links = {name: root + address for name, address in self.links.items()}
        return markdown.block(self.below, markdown.Around(pages=links))


def appearance(identity: Identity) -> Appearance:
    """Return what templates see."""
    mark = identity.mark
    links = {page.file: page.path for page in identity.pages if page.file}
    return Appearance(
        title=identity.title or TITLE,
        language=identity.language,
        icon="mark.png" if isinstance(mark, MarkFile) and mark.kind == "png" else "favicon.svg",
        mark=mark if isinstance(mark, str) else "",
        picture=isinstance(mark, MarkFile),
        introduction=markdown.block(identity.introduction, markdown.Around(pages=links)),
        links=links,
        below=identity.footer,
        license=markdown.line(identity.license),
        credits=tuple(map(markdown.line, identity.credits)),
    )


def icon(identity: Identity) -> tuple[str, bytes] | None:
    """Return name and content of the icon; None for the usual one."""
    mark = identity.mark
    if isinstance(mark, MarkFile):
        return appearance(identity).icon, mark.content
    return ("favicon.svg", _drawn(mark).encode()) if mark else None


def _drawn(word: str) -> str:
    """Return a word as a picture: as large as its letters leave it."""
    size = 20 if len(word) == 1 or not word.isascii() else round(30 / len(word), 1)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24"'
        f' rx="4" fill="{palette.GROUND["light"]}"/><text x="12" y="12" font-size="{size}" '
        'font-family="Georgia,serif" text-anchor="middle" dominant-baseline="central" '
        f'fill="#1d1e20">{escape(word)}</text></svg>\n'
    )


def notes(identity: Identity) -> Iterator[str]:
    """Say where a color is not used as it was given, for it could not be read."""
    given = identity.accent
    for theme in palette.GROUND if given else ():
        assert given
        used = palette.readable(given, theme)
        if used != given:
            ratio = palette.contrast(given, palette.GROUND[theme])
            yield (
                f"site.accent: {given} has a contrast of {ratio:.1f} on {theme} pages, "
                f"{palette.READABLE} is wanted; there it is {used}"
            )
