"""What a site is called and how it looks, kept beside the results so that any render has it."""

import re
from base64 import b64decode
from collections import Counter
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from lens_site import named
from lens_site.errors import ConfigError
from lens_site.results.schema.record import SCHEMA_VERSION, SEAL, Line, Record

LARGEST_MARK = 200_000
"""Bytes of a picture that every page loads."""

LARGEST_PICTURE = 1_000_000
"""Bytes of a picture on a page of the user's."""

LONGEST_MARK = 12
"""Letters of a mark that is a word; an emoji can take as many."""

ACTIVE = re.compile(
    rb"<\s*(script|foreignObject|iframe|!ENTITY)|\son\w+\s*=|href\s*=\s*[\"']?(?!#|[\"']#)\S"
    rb"|@import|url\(\s*[\"']?(?!#|[\"']#)|javascript:",
    re.IGNORECASE,
)
"""What makes an SVG more than a drawing: scripts, and addresses elsewhere."""

PNG = b"\x89PNG\r\n\x1a\n"

BEGINNINGS = {
    "png": re.compile(PNG), "webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "jpg": re.compile(b"\xff\xd8\xff"),
}  # fmt: skip
"""Of the files of pictures: what else they hold, no browser takes them for a page."""


def _section(word: str) -> str:
    try:
        return named.check(word, "site.sections", "section")
    except ConfigError as error:
        raise ValueError(str(error).removeprefix("section: ")) from None


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200_000)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?$")]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), AfterValidator(str.lower)]
SectionName = Annotated[str, AfterValidator(_section)]


class Picture(Record):
    """A picture that stands on a page of the user's."""

    path: str
    """What the text calls it, from the folder of the TOML."""
    kind: Annotated[str, StringConstraints(pattern="^(webp|png|jpg)$")]
    width: int = Field(ge=1)
    height: int = Field(ge=1)
    data: str = Field(description="base64")

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return b64decode(self.data)

    @model_validator(mode="after")
    def _is_a_picture(self) -> "Picture":
        content = b64decode(self.data, validate=True)
        if len(content) > LARGEST_PICTURE:
            raise ValueError(
                f"weighs {len(content):,} bytes, at most {LARGEST_PICTURE:,} are wanted; save it "
                "smaller"
            )
        if not BEGINNINGS[self.kind].match(content):
            raise ValueError(f"is no {self.kind}; save it as one")
        return self


class ExtraPage(Record):
    """A page of the user's, in Markdown; all paths go from the folder of the TOML."""

    title: Annotated[Line, StringConstraints(min_length=1)]
    address: Annotated[
        str,
        StringConstraints(
            pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)?$", max_length=80
        ),
    ]
    """Its folder in the site."""
    group: Line = ""
    """Pages of one group have one entry in the menu, and a list of each other."""
    file: str = ""
    """The file it came from: what links of other pages call it."""
    text: Text
    files: tuple[str, ...] = ()
    """What the text links to that is no page, but lies on the user's disk."""
    pictures: tuple[Picture, ...] = ()

    @property
    def path(self) -> str:
        """Where it is, from the top of the site."""
        return f"{self.address}/index.html"


class MarkFile(Record):
    """A picture in place of a word."""

    kind: Annotated[str, StringConstraints(pattern="^(svg|png)$")]
    data: str = Field(description="base64")

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return b64decode(self.data)

    @model_validator(mode="after")
    def _is_a_drawing(self) -> "MarkFile":
        content = b64decode(self.data, validate=True)
        if len(content) > LARGEST_MARK:
            raise ValueError(
                f"weighs {len(content):,} bytes, at most {LARGEST_MARK:,} are wanted, as every "
                "page loads it; save it smaller"
            )
        if self.kind == "png" and not content.startswith(PNG):
            raise ValueError("is no PNG; save it as one")
        if self.kind == "svg" and b"<svg" not in content:
            raise ValueError("is no SVG; save it as one")
        if self.kind == "svg" and ACTIVE.search(content):
            raise ValueError("holds a script or an address elsewhere; save it as plain SVG")
        return self


class Identity(Record):
    """The table ``[site]`` of the configuration, the files it names included."""

    sha256: str = SEAL
    schema_version: int = SCHEMA_VERSION
    title: Line = Field(default="", description="name of the site, in place of Lens")
    mark: Annotated[Line, StringConstraints(max_length=LONGEST_MARK)] | MarkFile = Field(
        default="", description="logo and icon: a short word, or the picture of a file"
    )
    introduction: Text = Field(default="", description="first paragraphs of the home page")
    footer: Text = Field(default="", description="last lines of every page")
    language: Language = Field(default="en", description="language of all texts that are ours")
    license: Line = Field(default="", description="license of what the site says, in Markdown")
    credits: tuple[Line, ...] = Field(
        default=(), description="credits of the data, lines of Markdown"
    )
    pages: tuple[ExtraPage, ...] = Field(default=(), description="more pages, in the menu")
    source: Annotated[Line, StringConstraints(pattern=r"^(https://[^\s\"<>]+)?$")] = Field(
        default="", description="address of the TOML's folder where others see its files"
    )
    sections: tuple[SectionName, ...] = Field(
        default=(), description="sections of the page of a class, in order; empty for all"
    )
    accent: Color | None = Field(default=None, description="color of links and buttons")

    @model_validator(mode="after")
    def _has_nothing_twice(self) -> "Identity":
        for what, words in (
            ("pages", [page.address for page in self.pages]), ("sections", self.sections),
        ):  # fmt: skip
            twice = [word for word, times in Counter(words).items() if times > 1]
            if twice:
                raise ValueError(f"{what}: {twice[0]} is there twice; leave one out")
        return self
