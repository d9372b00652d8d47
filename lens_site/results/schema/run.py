"""What a run holds beside its classes: the data, the classifier, what became of each class."""

from typing import Literal

from pydantic import Field, model_validator

from lens_site.results.schema.pictures import ShownPictures
from lens_site.results.schema.record import (
    SCHEMA_VERSION,
    SEAL,
    FileName,
    Line,
    Record,
    Sha256,
    Slug,
)


class Credit(Record):
    """Where one picture of the data comes from."""

    key: str
    title: str
    author: str
    license: str
    source: str


class DataInfo(Record):
    """The set of images."""

    name: str
    description: str
    images: int
    labeled: int
    license: Line = Field(default="", description="of the images, in Markdown")
    credits: tuple[Credit, ...] = ()
    views_of_few: bool = Field(
        default=False, description="images are random views of one photograph a class"
    )


class ClassifierInfo(Record):
    """The network."""

    name: str
    source: str = Field(description="where architecture and weights come from")
    weights_sha256: str
    parameters: int
    classes: int
    preprocessing: dict[str, bool | int | float | str | tuple[float, ...]]
    feature_shape: tuple[int, ...] = Field(description="channels, rows, columns")
    linear_head: bool
    head_error: float = Field(description="largest relative error of h(g(x)) = f(x)")


RuntimeName = Literal["torch", "compiled", "onnxruntime"]
Precision = Literal["float32", "tf32", "bfloat16"]


class Runtime(Record):
    """What the encoder ran on; all results of a run have one."""

    name: RuntimeName = "torch"
    precision: Precision = Field(default="float32", description="others than float32: on a GPU")

    @property
    def in_words(self) -> str:
        """``onnxruntime``, ``torch in bfloat16``."""
        return self.name if self.precision == "float32" else f"{self.name} in {self.precision}"


class Unreadable(Record):
    """An image that was skipped."""

    key: str
    reason: str


Status = Literal["built", "few", "failed"]


class ClassStatus(Record):
    """What became of one class of the run."""

    index: int = Field(ge=0)
    slug: Slug
    name: str
    status: Status = Field(description="few: under --min-images")
    images: int = Field(description="images predicted as the class")
    reason: str = ""


class BrowserNetwork(Record):
    """The network for the visitor's browser: its file, or why there is none."""

    file: FileName | Literal[""] = ""
    sha256: Sha256 | Literal[""] = ""
    bytes: int = 0
    reason: str = Field(default="", description="a sentence; empty where there is a file")


class RunResult(Record):
    """All class results of one configuration."""

    sha256: str = SEAL
    schema_version: int = SCHEMA_VERSION
    run: str
    lens_version: str
    config: dict[str, str | int | float | bool | None]
    versions: dict[str, str]
    device: str
    runtime: Runtime = Runtime()
    data: DataInfo
    classifier: ClassifierInfo
    accuracy: float | None = Field(description="fraction of labeled images predicted as labeled")
    classes: tuple[ClassStatus, ...]
    unreadable: tuple[Unreadable, ...]
    browser: BrowserNetwork | None = Field(default=None, description="None with --no-browser")
    pictures: ShownPictures = Field(
        default="own", description="other than own: made lighter, or one mean color each"
    )

    @model_validator(mode="after")
    def _is_unique(self) -> "RunResult":
        if len({c.slug for c in self.classes}) < len(self.classes):
            raise ValueError("a class stands twice")
        return self
