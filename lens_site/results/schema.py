"""What a class result and a run hold: numbers, words and file names, nothing that needs torch.

Notation (see methods.md of the framework, Fel et al. 2023): n images, k concepts, a grid of
h × w patches an image. Concepts and strategies are numbered from 1, in order of importance
and size; a class is named by its index. Images are referred to by their position in
``ClassResult.images``. Shares are fractions (0.31, not 31).
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from lens_site.results.measures import MEASURES

PatchMode = Literal["grid", "crops"]
"""What a row of activations is: a cell of the last map, or a window encoded by itself."""

SCHEMA_VERSION = 4
"""Changes whenever a field changes its name, type or meaning."""

RESULT_VERSION = 9
"""Changes whenever the same inputs would give other numbers: old results are recomputed."""


Slug = Annotated[
    str, StringConstraints(pattern=r"^\d{4,9}-[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)
]
"""``0967-espresso``: index and name. A folder is called so, hence nothing else may be."""

FileName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$", max_length=100)
]
"""One component of a path, no way out of the folder of the class."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Record(BaseModel):
    """Frozen, closed to unknown keys, free of NaN and infinities."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ClassName(Record):
    """A class of the classifier; texts are empty where the model has none."""

    index: int = Field(ge=0)
    slug: Slug
    name: str
    synonyms: tuple[str, ...] = ()
    definition: str = ""
    wordnet: str = ""


class ImageEntry(Record):
    """One image predicted as the class."""

    key: str = Field(description="name of the image inside its source")
    label: int | None = Field(description="class index of its label; None when unlabeled")
    label_name: str | None
    probability: float = Field(description="softmax probability of the predicted class")
    logit: float = Field(description="y_c(x), the class logit of the untouched network")
    importance: tuple[float, ...] = Field(description="φ(x), k values in units of the logit")
    everything_else: float = Field(
        default=0.0, description="y − ŷ: the part of the logit that the concepts leave out"
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


class Covering(Record):
    """What the network says when the places of a concept are covered in the picture."""

    fall: float = Field(description="mean fall of the class logit, as a share of it")
    fall_at_random: float = Field(description="the same for as many random places")
    images: int
    places: int = Field(description="patches covered in each image")


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
        default=None, description="smallest and largest share of its match over the refits"
    )
    covering: Covering | None = Field(default=None, description="None where it was not tried")
    mean_map: tuple[tuple[float, ...], ...] = Field(
        default=(), description="mean code of each place over the images, largest is 1"
    )
    aligned: tuple[Alignment, ...] = Field(description="best first; empty for a non-linear head")
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
    mistakes: tuple[LabelCount, ...] = Field(description="labels other than the class")


class Separation(Record):
    """Whether the images form separate groups, against one continuous cloud (methods.md §4)."""

    method: str
    groups: int = Field(description="strategies; 0 where none are supported")
    p_value: float | None = Field(description="rank among the draws of the null; None: not tested")
    draws: int = Field(description="draws of the null")
    agreement: float | None = Field(
        default=None, description="adjusted Rand index of re-clustered halves"
    )
    agreement_null: float | None = Field(default=None, description="the same, median of the null")
    reason: str = Field(default="", description="why none was looked for, in words")


class Rival(Record):
    """A class that often comes second: what speaks for the class rather than for it."""

    index: int
    name: str
    images: int = Field(description="images whose runner-up it is")
    margin: float = Field(description="mean of y_c − y_rival over these images")
    differences: tuple[float, ...] = Field(
        description="mean contribution of each concept to that difference"
    )
    constant: float = Field(description="part of the difference that is there without any concept")
    everything_else: float = Field(description="part of it that the concepts leave out")


class Kept(Record):
    """What the network says with every activation replaced by its reconstruction."""

    same_class: float = Field(description="share of images whose predicted class stays")
    probability: float = Field(description="mean probability of the class before")
    probability_kept: float = Field(description="the same after")
    skill: float | None = Field(
        description="1 − Σ|y − ŷ| / Σ|y − median(y)|; 0 is no better than that constant guess"
    )
    margin_skill: float | None = Field(
        description="the same for the margin over the strongest other class"
    )
    margin_r2: float | None = Field(description="squared correlation of margin and kept margin")
    bias: float = Field(description="the logit without any concept")
    mean_part: float | None = Field(
        default=None, description="of it, what the mean that centered codes leave out adds"
    )
    everything_else: float = Field(
        description="Σ(y − ŷ) / ΣΣ|φ|, in the unit of the concepts' shares"
    )


class Refits(Record):
    """How well the concepts are found again (methods.md §6); higher is better."""

    halves: int = Field(description="refits on halves of the images")
    seeds: int = Field(description="refits with other seeds")
    images: int
    stability: float = Field(description="mean matched cosine between halves")
    random_patches: float = Field(description="the same of k random patches with the dictionary")


class Edge(Record):
    """Edge of the strategic cluster graph: mean share of a concept in a strategy."""

    strategy: int
    concept: int
    weight: float


def _measured(key: str) -> Any:
    return Field(description=MEASURES[key].description)


class Metrics(Record):
    """How far to trust the explanation.

    The first six are taken on all patches of the class, stability on some of its images, the
    rest on a sample of its patches, both drawn by the seed.
    """

    explained_logit: float = _measured("explained_logit")
    logit_r2: float | None = _measured("logit_r2")
    relative_l2: float = _measured("relative_l2")
    r2: float = _measured("r2")
    sparsity: float = _measured("sparsity")
    dead_concepts: int = _measured("dead_concepts")
    stability: float | None = _measured("stability")
    stability_images: int = Field(description="images behind it; 0 where it is not measured")
    wasserstein_1: float = _measured("wasserstein_1")
    frechet_distance: float = _measured("frechet_distance")
    ood: float = _measured("ood")
    ood_real: float | None = Field(
        default=None, description="mean distance from a real patch to the nearest other real patch"
    )
    sample: int = Field(description="patches behind the three distances")


class Curve(Record):
    """Class logit over the share of concepts changed 0, 1/k, …, 1, as a share of the full one."""

    values: tuple[float, ...] | None = Field(description="k + 1 values; None when undefined")
    auc: float | None = Field(description="area under them by the trapezoid rule")


class Faithfulness(Record):
    """How far the importance tells what the logit does when concepts go or come."""

    deletion: Curve = Field(description="most important concepts taken out first; low is good")
    insertion: Curve = Field(description="most important concepts put in first; high is good")
    random_deletion: Curve
    random_insertion: Curve
    mu_fidelity: float | None = _measured("mu_fidelity")
    images: int = Field(description="images the curves are the mean of")
    notes: tuple[str, ...] = Field(description="what is undefined or a convention, and why")


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


class Sprite(Record):
    """All images of the class as the network sees them, one grid, row by row."""

    file: FileName
    columns: int = Field(ge=1)
    size: int = Field(description="side of a thumbnail in pixels")


SEAL = Field(default="", exclude=True, description="SHA-256 of this file without this member")


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
    importance_method: str
    adds_up: bool = Field(
        description="whether the contributions of an image add up to what its concepts do to the "
        "logit: the method's add up, and the head is average pooling and a linear layer"
    )
    faithfulness: Faithfulness
    remarks: tuple[str, ...] = Field(description="which figures are conventions, not findings")
    sprite: Sprite
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
        missing = named - {""} - set(self.files)
        if missing:
            raise ValueError(f"names the file {min(missing)!r}, which is not among its files")
        if self.name.slug.partition("-")[0] != f"{self.name.index:04d}":
            raise ValueError(f"class {self.name.index} has the slug {self.name.slug!r}")
        tiles = [t.image for c in self.concepts for t in c.tiles]
        shown = [i for s in self.strategies for i in (*s.prototypes, *s.outliers)]
        if not all(0 <= i < len(self.images) for i in (*tiles, *shown)):
            raise ValueError("shows an image that it does not hold")
        return self


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


class RunResult(Record):
    """All class results of one configuration."""

    sha256: str = SEAL
    schema_version: int = SCHEMA_VERSION
    run: str
    lens_version: str
    config: dict[str, str | int | float | bool | None]
    versions: dict[str, str]
    device: str
    data: DataInfo
    classifier: ClassifierInfo
    accuracy: float | None = Field(description="fraction of labeled images predicted as labeled")
    classes: tuple[ClassStatus, ...]
    unreadable: tuple[Unreadable, ...]

    @model_validator(mode="after")
    def _is_unique(self) -> "RunResult":
        if len({c.slug for c in self.classes}) < len(self.classes):
            raise ValueError("a class stands twice")
        return self
