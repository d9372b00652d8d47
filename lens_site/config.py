"""Everything that a build can be asked for, from flags and an optional TOML file.

Only fields, their checks and how mistakes are told live here: what a value does is the business of
the room that gets it. Methods and sources are named by their files, or ``package.module:Name``.
"""

import os
import tomllib
from collections.abc import Mapping
from errno import ENOENT
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from lens_site import named
from lens_site.errors import ConfigError, did_you_mean, first_line
from lens_site.results import identity
from lens_site.results.numbers import digest
from lens_site.results.schema import (
    Identity,
    Line,
    PatchMode,
    RuntimeName,
    ScoreMode,
    VisualizationLevel,
)

Role = Literal["subject", "choice", "shape", "run"]
"""What a field decides: the network and images; which of them; every number of a class; only how
and where the work is done."""


def _option(role: Role, default: Any, description: str) -> Any:
    return Field(default, description=description, json_schema_extra={"role": role})


ENGINES = "engine.engines"

ROOMS = {
    "extraction": "extraction.methods",
    "importance": "importance.methods",
    "strategies": "strategies.methods",
    "engine": ENGINES,
}
"""Fields that name a method or an engine, and the room whose files these are."""


def _method_of(option: str) -> AfterValidator:
    def check(word: str) -> str:
        try:
            return named.check(word, ROOMS[option], option)
        except ConfigError as error:
            raise ValueError(str(error)) from None  # the only error that pydantic gathers

    return AfterValidator(check)


def check_path(text: str) -> str:
    """Return a path that a system can have; raises ValueError for an empty or endless one."""
    if not text.strip():
        raise ValueError("an empty path; give a file or a folder")
    if "\0" in text or len(os.fsencode(text)) > LONGEST_PATH:
        raise ValueError(f"{text[:40]!r} … cannot be a path; give a shorter one, without NUL")
    return text


def _path(value: object) -> object:
    return check_path(value) if isinstance(value, str) else value


def _address(address: str) -> str:
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not address.isprintable() or " " in address:
        raise ValueError(
            f"base-url: {_short(address)} is no address; give one like https://example.org/lens"
        )
    return address


def _words(value: object) -> object:
    return [w.strip() for w in value.split(",") if w.strip()] if isinstance(value, str) else value


def _outside_word(word: str) -> str:
    if not named.is_outside(word):
        raise ValueError(f"extras: {_short(word)} is no package.module:Name")
    return word


def _shard(word: str) -> str:
    number, slash, of = word.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise ValueError(f"shard: {_short(word)}, wanted one of 1/16 to 16/16, say")
    if int(of) > MOST_SHARDS:
        raise ValueError(f"shard: {int(of)} are too many; {MOST_SHARDS} at most")
    return f"{int(number)}-of-{int(of)}"


MOST_SHARDS = 9_999

LONGEST_PATH = 4_000
"""Bytes of a path; systems take 4,096."""

LARGEST_SEED = 2**32 - 1
"""NumPy's and scikit-learn's."""

PathLike = Annotated[Path, BeforeValidator(_path)]
Natural = Annotated[int, Field(ge=1)]
Extras = Annotated[
    tuple[Annotated[str, AfterValidator(_outside_word)], ...], BeforeValidator(_words)
]


class BuildConfig(BaseModel):
    """One build; each field carries its default, its role and its sentence, the ``--help`` text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: str = _option(
        "subject",
        "demo",
        "demo, imagenette, a folder of pictures, ImageNet's root, tar shards, Parquet files (any "
        "with :train, :val or :test), or package.module:Source.",
    )
    model: str = _option(
        "subject",
        "efficientnet-lite0",
        "efficientnet-lite0, a torchvision or timm name, or package.module:factory.",
    )
    weights: PathLike | None = _option(
        "subject", None, "State dict (.pt, .pth, .safetensors) in place of the model's own."
    )
    layer: str | None = _option(
        "shape", None, "Layer to explain (lens layers lists them); default: the last map."
    )
    classes: str = _option(
        "choice", "all", "all, 967, espresso, n07920052, 0-99, @file; several with commas."
    )
    min_images: Natural = _option(
        "choice", 20, "A class gets a page when so many images are predicted as it."
    )
    max_images: Natural = _option(
        "choice", 400, "At most so many images a class, chosen by the seed."
    )
    extraction: Annotated[str, _method_of("extraction")] = _option(
        "shape", "nmf", "How concepts are found (step one), or package.module:Name."
    )
    concepts: Natural | Literal["auto"] = _option(
        "shape",
        10,
        "Number of concepts k of a class; auto: as many as it takes to tell which of "
        "its images the class is surer of.",
    )
    patches: PatchMode = _option(
        "shape",
        "grid",
        "Rows of activations: every cell of the last map (grid), or windows of the "
        "picture encoded one by one (crops, as CRAFT; 17 times the forward passes).",
    )
    recursive: bool = _option(
        "shape", False, "Take every important concept apart again, at an earlier layer."
    )
    importance: Annotated[str, _method_of("importance")] = _option(
        "shape",
        "gradient-input",
        "How much each concept counts (step two), or package.module:Name.",
    )
    score: ScoreMode = _option(
        "shape",
        "logit",
        "What is explained: the class's logit, or its margin over each image's runner-up.",
    )
    strategies: Annotated[str, _method_of("strategies")] = _option(
        "shape", "copula", "How images are grouped into strategies."
    )
    visualization: VisualizationLevel = _option(
        "shape",
        "off",
        "Pictures of every concept made by the network's gradients: preview (some seconds a "
        "class), standard, full (for a GPU); the demo has preview unless told otherwise.",
    )
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = _option(
        "shape", 0, "Seed of everything random."
    )
    device: str = _option("run", "auto", "auto, cpu, cuda, cuda:1.")
    runtime: Literal["auto", RuntimeName] = _option(
        "run",
        "auto",
        "What runs the encoder (onnxruntime: pip install 'lens-site[onnx]'). auto: the fastest, "
        "measured once for a set of more than 2,000 pictures, else torch. A run keeps its own.",
    )
    workers: Annotated[int, Field(ge=1, le=1024)] | None = _option(
        "run", None, "Threads that decode pictures and compute classes; default: the cores."
    )
    batch_size: Natural | None = _option(
        "run",
        None,
        "Images a forward pass on a GPU, default 512, halved until they fit; on a CPU always 16.",
    )
    cache_size: Annotated[int, Field(ge=0)] = _option(
        "run",
        10,
        "GB of OUT/cache at most for the activations of images that classes may need; 0: none, "
        "then every class encodes its images again.",
    )
    out: PathLike = _option(
        "run", Path("build"), "Results go to OUT/results, the site to OUT/site."
    )
    browser_limit: Natural = _option(
        "run", 25, "MB of the network at most that a visitor's browser is asked to load."
    )
    no_browser: bool = _option(
        "run", False, "Leave out what explains a visitor's own picture in the browser."
    )
    images: Literal["own", "thumbnails", "none"] = _option(
        "run",
        "own",
        "Pictures on the site and in archives: own, thumbnails, or none, which leaves of each its "
        "mean color, for pictures that may not be shown.",
    )
    data_license: Line | None = _option(
        "run", None, "License of the pictures, as CC BY 4.0 or [ours](https://example.org/terms)."
    )
    max_size: Natural = _option(
        "run", 950, "MB of the site at most: its pictures are made smaller until it fits."
    )
    base_url: Annotated[str, AfterValidator(_address)] | None = _option(
        "run", None, "Public address of the site: adds a sitemap and absolute links in 404."
    )
    extras: Extras = _option(
        "run", (), "Pages and sections of your own: package.module:Name; several with commas."
    )
    templates: PathLike | None = _option(
        "run", None, "Folder of templates of your own, each in place of ours of the same name."
    )
    site: Identity = _option(
        "run", Identity(), "Title, mark, language and more of the site: a table of the TOML file."
    )
    shard: Annotated[str, AfterValidator(_shard)] | None = _option(
        "run", None, "Do a part of a build that other processes do with you in OUT: 3/16."
    )
    engine: Annotated[str, _method_of("engine")] = _option(
        "run", "local", "What spreads the work: local (this machine), ray (a Ray cluster)."
    )
    address: str | None = _option(
        "run", None, "Of the Ray cluster; default: the one on this machine, or one made for it."
    )
    force: bool = _option("run", False, "Compute everything again.")

    @model_validator(mode="before")
    @classmethod
    def _of_demo(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Let the demo show its visualizations; a set of the user's takes the time it takes."""
        if given.get("data", "demo") == "demo":
            return {"visualization": "preview", **given}
        return given

    @model_validator(mode="after")
    def _is_possible(self) -> "BuildConfig":
        if self.shard is not None and (self.force or self.engine != "local"):
            raise ValueError("shard: goes with neither --force nor another --engine than local")
        return self

    def shaping(self) -> dict[str, str | int | None]:
        """Options that shape every number of every class; without pictures these shape none."""
        shaping = {name: getattr(self, name) for name in fields_of("shape")}
        if self.visualization == "off":
            del shaping["visualization"]
        return shaping

    def number_of_concepts(self) -> int:
        """Return k, for what needs a number.

        Raises
        ------
        ConfigError
            When it is auto.
        """
        if self.concepts == "auto":
            raise ConfigError("concepts: auto is for builds, measuring needs a number; give -k 10")
        return self.concepts

    def run_name(self, data_name: str, classifier: Mapping[str, object], version: int) -> str:
        """Name of the run: the model and a hash of all that shapes every one of its results."""
        facts = [self.shaping(), data_name, dict(classifier), version]
        model = "".join(c if c.isalnum() else "-" for c in self.model.lower()).strip("-")
        return f"{model}-{digest(facts)[:10]}"


def fields_of(role: Role) -> tuple[str, ...]:
    """Names of the fields with this role, in the order of ``BuildConfig``."""
    return tuple(name for name in BuildConfig.model_fields if role_of(name) == role)


def role_of(name: str) -> Role | None:
    """Return the role of a field; None for one that was given none, which a test refuses."""
    extra = BuildConfig.model_fields[name].json_schema_extra
    role = extra.get("role") if isinstance(extra, dict) else None
    return next((known for known in get_args(Role) if known == role), None)


def choices(name: str) -> tuple[str, ...]:
    """Words that a field knows; empty where it takes any."""
    spec = BuildConfig.model_fields[name]
    if name in ROOMS:
        return named.names(ROOMS[name])
    return get_args(spec.annotation) if get_origin(spec.annotation) is Literal else ()


def load_config(flags: Mapping[str, Any], file: Path | None = None) -> BuildConfig:
    """Merge flags over the TOML file over the defaults; a flag that is None was not given.

    TOML has no word for nothing: an empty text stands for it where it is the default.

    Raises
    ------
    ConfigError
        Naming every mistake at once: unknown keys with near matches, values out of range.
    """
    written = _read(file) if file else {}
    given = {name: value for name, value in flags.items() if value is not None}
    mistakes: list[str] = []
    if file and isinstance(written.get("templates"), str):
        written["templates"] = str(file.parent / written["templates"])
    if file and "site" in written:
        try:
            written["site"] = identity.read(written["site"], file.parent)
        except ConfigError as error:
            del written["site"]
            mistakes.append(f"{file}: {error}")
    try:
        config = BuildConfig(**{**written, **given})
    except ValidationError as error:
        mistakes = [*(_explain(e, written, file) for e in error.errors()), *mistakes]
    if mistakes:
        raise ConfigError("; ".join(dict.fromkeys(mistakes)))
    return config


def _read(file: Path) -> dict[str, Any]:
    try:
        if not file.is_file():
            raise FileNotFoundError(ENOENT, "no such file")
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"config: {file} cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ConfigError(f"config: {file} is not valid TOML: {first_line(error)}") from None
    written = {key.replace("-", "_"): value for key, value in table.items()}
    return {name: value for name, value in written.items() if value != "" or not _is_empty(name)}


def _is_empty(name: str) -> bool:
    """Whether the default of a field is nothing."""
    return name in BuildConfig.model_fields and BuildConfig.model_fields[name].default is None


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) < 60 else f"{text[:60]} …"


def _explain(error: Any, written: Mapping[str, Any], file: Path | None) -> str:
    name = str(error["loc"][0]) if error["loc"] else "shard"
    option = name.replace("_", "-")
    where = f"{file}: " if file and name in written else ""
    if error["type"] == "extra_forbidden":
        known = [n.replace("_", "-") for n in BuildConfig.model_fields]
        hint = did_you_mean(option, known) or f"; the options are {', '.join(known)}"
        return f"{where}no option {_short(option)}{hint}"
    if name == "concepts":  # one mistake, but an error for each of the two things it may be
        return f"{where}concepts: {_short(error['input'])}, wanted a number from 1, or auto"
    if error["type"] == "value_error":
        told = str(error["ctx"]["error"])
        return f"{where}{told}" if told.startswith(f"{option}: ") else f"{where}{option}: {told}"
    if error["type"] == "literal_error":
        words = choices(name)
        hint = did_you_mean(str(error["input"]), words) or f"; it is one of {', '.join(words)}"
        return f"{where}{option}: no {_short(error['input'])}{hint}"
    return f"{where}{option}: {_short(error['input'])} cannot be used: {error['msg'].lower()}"
