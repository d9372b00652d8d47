"""What is found in one class: its images, concepts, strategies and how they were computed."""

from typing import Literal

from pydantic import Field, model_validator

from lens_site.results.schema.claims import (
    Covering,
    Faithfulness,
    Kept,
    Metrics,
    Refits,
    Rival,
    Separation,
)
from lens_site.results.schema.pictures import Sharp, Sprite, Visualization, Visualizations
from lens_site.results.schema.record import (
    SCHEMA_VERSION,
    SEAL,
    ClassName,
    FileName,
    Record,
    Sha256,
)

PatchMode = Literal["grid", "crops"]
"""What a row of activations is: a cell of the last map, or a window encoded by itself."""

ScoreMode = Literal["logit", "margin"]
"""What is explained: the class's logit, or its lead over the runner-up of each image."""


class ImageEntry(Record):
    """One image predicted as the class."""

    key: str = Field(description="name of the image inside its source")
    label: int | None = Field(description="class index of its label; None when unlabeled")
    label_name: str | None
    probability: float = Field(description="softmax probability of the predicted class")
    logit: float = Field(description="y_c(x), the class logit of the untouched network")
    margin: float | None = Field(
        default=None, description="lead of that logit over the runner-up's; None where not known"
    )
    runner_up: int | None = Field(
        default=None, description="class with the largest other logit; None where not known"
    )
    importance: tuple[float, ...] = Field(description="φ(x), k values in units of the logit")
    everything_else: float = Field(
        default=0.0, description="y − ŷ: the part of the score that the concepts leave out"
    )
    dominant: int = Field(description="number of the concept with the largest φ")
    strategy: int | None = Field(description="None in a class without separate groups")
    membership: tuple[float, ...] = Field(
        default=(), description="how far it belongs to each strategy; sums to 1, empty without any"
    )
    x: float = Field(description="layout, in [-1, 1]")
    y: float


class Alignment(Record):
    """How far a concept points towards a class: cosine(v_i, W_c)."""

    index: int
    name: str
    cosine: float


class Tile(Record):
    """One patch of one image; ``box`` is left, top, right, bottom as fractions of the view."""

    image: int
    row: int
    column: int
    box: tuple[float, float, float, float]
    code: float


class Histogram(Record):
    """How many images have how much of a concept: bins of equal width over their mean codes."""

    low: float = Field(description="where the first bin begins")
    high: float = Field(description="where the last bin ends")
    counts: tuple[int, ...] = Field(min_length=1, description="images in each bin")
    leads: tuple[int, ...] = Field(min_length=1, description="of these, images that it dominates")


class Part(Record):
    """A sub-concept: one atom of the dictionary of a concept's own rows, at an earlier layer."""

    number: int
    weight: float = Field(description="fraction of the concept's sub-codes that it holds")
    tiles: tuple[Tile, ...] = Field(description="best first, at most one an image")


class Concept(Record):
    """One atom of the dictionary and what it does for the class."""

    number: int
    share: float = Field(description="global importance: Σφ_i / Σ|φ|, sign kept")
    interval: tuple[float, float] = Field(description="95 % bootstrap interval of the share")
    null_share: float = Field(description="share that random directions reach (95th percentile)")
    prevalence: float = Field(description="fraction of images it dominates")
    dominates: int = Field(description="number of images it dominates")
    reliability: float | None = Field(description="fraction of those labeled as the class")
    reliability_interval: tuple[float, float] | None = Field(
        default=None, description="Wilson 95 % interval of it"
    )
    important: bool = Field(
        description="leads in more images than chance (binomial, 1/k) and is above its null"
    )
    found_again: float | None = Field(
        default=None, description="mean cosine with its match in refits; None where none were made"
    )
    share_range: tuple[float, float] | None = Field(
        default=None, description="smallest and largest share of it and its matches over the refits"
    )
    covering: Covering | None = Field(default=None, description="None where it was not tried")
    mean_map: tuple[tuple[float, ...], ...] = Field(
        default=(), description="mean code of each place over the images, largest is 1"
    )
    histogram: Histogram | None = Field(
        default=None, description="of its mean code in each image; None where all are alike"
    )
    aligned: tuple[Alignment, ...] = Field(description="best first; empty for a non-linear head")
    typical: tuple[Tile, ...] = Field(
        default=(), description="strongest place of images that hold a middling amount of it"
    )
    weak: tuple[Tile, ...] = Field(
        default=(), description="the same of images that hold little of it and need it still"
    )
    tiles: tuple[Tile, ...] = Field(description="best first, at most one an image")
    tiles_file: FileName = Field(description="strip of the tiles, left to right")
    heat_file: FileName = Field(description="strip of the same images with the code map as light")
    parts: tuple[Part, ...] = Field(
        default=(), description="sub-concepts, largest weight first; none without --recursive"
    )
    parts_r2: float | None = Field(
        default=None, description="R² of the sub-concepts on the rows they were fitted to"
    )
    parts_r2_random: float | None = Field(
        default=None, description="the same for as many random rows in their place"
    )
    parts_file: FileName | Literal[""] = Field(
        default="", description="sheet of their tiles: a row a sub-concept, left to right"
    )
    visualization: Visualization | None = Field(
        default=None, description="None without --visualization, and for a concept never present"
    )


class LabelCount(Record):
    """How many images carry this label."""

    index: int
    name: str
    count: int


class Strategy(Record):
    """A group of images that stands apart, or, among the leading groups, of one leading concept."""

    number: int
    size: int
    prevalence: float
    reliability: float | None
    reliability_interval: tuple[float, float] | None = None
    apart: tuple[float, ...] = Field(
        default=(), description="mean share of each concept minus that in the rest of the class"
    )
    profile: tuple[float, ...] = Field(description="mean signed share of each concept")
    dominant: int
    x: float
    y: float
    prototypes: tuple[int, ...] = Field(description="images nearest to the mean, best first")
    outliers: tuple[int, ...] = Field(description="images farthest from it, farthest first")
    mistaken: tuple[int, ...] = Field(
        default=(), description="images labeled as another class, the surest one"
    )
    mistakes: tuple[LabelCount, ...] = Field(description="labels other than the class")


class Edge(Record):
    """Edge of the strategic cluster graph: mean share of a concept in a strategy."""

    strategy: int
    concept: int
    weight: float


class Tried(Record):
    """A number of concepts that was tried, and the logit_r2 it reached."""

    concepts: int
    logit_r2: float


class Extraction(Record):
    """How the dictionary was found."""

    method: str
    concepts: int
    tried: tuple[Tried, ...] = Field(
        default=(), description="what -k auto chose from; empty where k was given"
    )
    patches: PatchMode
    rows: int
    iterations: int
    stopped: str = Field(description="why the fit ended, in words")
    losses: tuple[float, ...]


class Recursion(Record):
    """Where the sub-concepts come from."""

    layer: str = Field(description="earlier layer of the network")
    grid: tuple[int, int] = Field(description="rows and columns of its patches")


class ClassResult(Record):
    """Everything computed for one class."""

    sha256: str = SEAL
    schema_version: int = SCHEMA_VERSION
    key: str = Field(description="hash of all inputs that shape this result")
    name: ClassName
    predicted: int = Field(description="images of the set predicted as the class")
    grid: tuple[int, int] = Field(description="rows and columns of patches")
    images: tuple[ImageEntry, ...]
    concepts: tuple[Concept, ...]
    groups: tuple[Strategy, ...] = Field(
        default=(), description="leading groups: images by their dominant concept, largest first"
    )
    strategies: tuple[Strategy, ...] = Field(description="empty where the images do not separate")
    separation: Separation | None = None
    rivals: tuple[Rival, ...] = Field(default=(), description="most frequent first, at most three")
    kept: Kept | None = None
    refits: Refits | None = Field(default=None, description="None for methods too slow to refit")
    edges: tuple[Edge, ...]
    metrics: Metrics
    extraction: Extraction
    recursion: Recursion | None = Field(default=None, description="None without --recursive")
    score: ScoreMode = Field(default="logit", description="what the importance is of")
    importance_method: str
    adds_up: bool = Field(
        description="whether the contributions of an image add up to what its concepts do to the "
        "logit: the method's add up, and the head is average pooling and a linear layer"
    )
    faithfulness: Faithfulness
    remarks: tuple[str, ...] = Field(description="which figures are conventions, not findings")
    sprite: Sprite = Field(description="all images of the class as the network sees them")
    sharp: Sharp | None = Field(default=None, description="None where none fits")
    visualizations: Visualizations | None = Field(
        default=None, description="None without --visualization"
    )
    graph_files: tuple[FileName, ...] = Field(
        default=(), description="strategic cluster graph: node-link JSON and GraphML"
    )
    maps_file: FileName = Field(
        description="where the leading concepts of each image are; see maps.js"
    )
    files: dict[FileName, Sha256] = Field(description="SHA-256 of every other file of the result")

    @model_validator(mode="after")
    def _is_whole(self) -> "ClassResult":
        """Check that files it names are among its files, and images among its images."""
        named = {self.sprite.file, self.maps_file}
        for concept in self.concepts:
            named |= {concept.tiles_file, concept.heat_file, concept.parts_file}
        named |= set(self.sharp.files if self.sharp else ())
        if self.visualizations:
            named |= {self.visualizations.drawn.file, self.visualizations.accentuated.file}
        missing = named - {""} - set(self.files)
        if missing:
            raise ValueError(f"names the file {min(missing)!r}, which is not among its files")
        if self.name.slug.partition("-")[0] != f"{self.name.index:04d}":
            raise ValueError(f"class {self.name.index} has the slug {self.name.slug!r}")
        tiles = [t.image for c in self.concepts for t in (*c.tiles, *c.typical, *c.weak)]
        groups = (*self.strategies, *self.groups)
        shown = [i for s in groups for i in (*s.prototypes, *s.outliers, *s.mistaken)]
        sharp = self.sharp.images if self.sharp else ()
        if not all(0 <= i < len(self.images) for i in (*tiles, *shown, *sharp)):
            raise ValueError("shows an image that it does not hold")
        full = self.sharp.columns * self.sharp.rows if self.sharp else 1
        if self.sharp and len(self.sharp.files) != -(-len(sharp) // full):
            raise ValueError("holds more or fewer sheets than its larger pictures take")
        return self
