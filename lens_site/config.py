"""Everything that shapes a build, from flags and an optional TOML file."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lens_site.errors import ConfigError, did_you_mean

ExtractionMethod = Literal[
    "nmf", "kmeans", "pca", "semi-nmf", "convex-nmf", "sae", "archetypal-sae"
]
ImportanceMethod = Literal[
    "gradient-input", "saliency", "integrated-gradients", "smoothgrad", "squaregrad", "vargrad",
    "occlusion", "rise", "shap", "sobol", "hsic", "tcav",
]  # fmt: skip
PatchMode = Literal["grid", "crops"]
StrategyMethod = Literal["louvain", "dominant", "hdbscan"]

SHAPING = (
    "layer", "extraction", "concepts", "patches", "recursive", "importance", "strategies", "seed",
)  # fmt: skip
"""Options that shape the result of every class."""

Natural = Annotated[int, Field(ge=1)]


class BuildConfig(BaseModel):
    """One build; each field carries its default and its sentence (the ``--help`` text)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: str = Field("demo", description="demo, imagenette, or a folder of pictures.")
    model: str = Field(
        "efficientnet-lite0",
        description="efficientnet-lite0, a torchvision or timm name, or package.module:factory.",
    )
    weights: Path | None = Field(
        None, description="State dict (.pt, .pth, .safetensors) in place of the model's own."
    )
    layer: str | None = Field(
        None, description="Layer to explain (lens layers lists them); default: the last map."
    )
    classes: str = Field(
        "all", description="all, 967, espresso, n07920052, 0-99, @file; several with commas."
    )
    min_images: Natural = Field(
        20, description="A class gets a page when so many images are predicted as it."
    )
    max_images: Natural = Field(
        400, description="At most so many images a class, chosen by the seed."
    )
    extraction: ExtractionMethod = Field("nmf", description="How concepts are found (step one).")
    concepts: Natural | Literal["auto"] = Field(
        10,
        description="Number of concepts k of a class; auto: as many as it takes to tell which of "
        "its images the class is surer of.",
    )
    patches: PatchMode = Field(
        "grid",
        description="Rows of activations: every cell of the last map (grid), or windows of the "
        "picture encoded one by one (crops, as CRAFT; 17 times the forward passes).",
    )
    recursive: bool = Field(
        False, description="Take every important concept apart again, at an earlier layer."
    )
    importance: ImportanceMethod = Field(
        "gradient-input", description="How much each concept counts (step two)."
    )
    strategies: StrategyMethod = Field(
        "louvain", description="How images are grouped into strategies."
    )
    seed: Annotated[int, Field(ge=0)] = Field(0, description="Seed of everything random.")
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1.")
    workers: Natural | None = Field(
        None, description="Threads that decode pictures and compute classes; default: the cores."
    )
    batch_size: Natural | None = Field(
        None, description="Images a forward pass; default 16 on a CPU, 128 on a GPU."
    )
    out: Path = Field(Path("build"), description="Results go to OUT/results, the site to OUT/site.")
    base_url: str | None = Field(
        None, description="Public address of the site: adds a sitemap and absolute links in 404."
    )
    force: bool = Field(False, description="Compute everything again.")

    def shaping(self) -> dict[str, str | int | None]:
        """Options that shape the result of every class; the others only choose what is built."""
        return {name: getattr(self, name) for name in SHAPING}

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


def digest(facts: object) -> str:
    """SHA-256 of anything JSON can hold, the same for the same facts."""
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def load_config(flags: Mapping[str, Any], file: Path | None = None) -> BuildConfig:
    """Merge flags over the TOML file over the defaults; a flag that is None was not given.

    Raises
    ------
    ConfigError
        Naming every mistake at once: unknown keys with near matches, values out of range.
    """
    written = _read(file) if file else {}
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return BuildConfig(**{**written, **given})
    except ValidationError as error:
        mistakes = dict.fromkeys(_explain(e, written, file) for e in error.errors())
        raise ConfigError("; ".join(mistakes)) from None


def _read(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"config: {file} cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"config: {file} is not valid TOML: {error}") from None
    return {key.replace("-", "_"): value for key, value in table.items()}


def _explain(error: Any, written: Mapping[str, Any], file: Path | None) -> str:
    name = str(error["loc"][0])
    option = name.replace("_", "-")
    where = f"{file}: " if file and name in written else ""
    if error["type"] == "extra_forbidden":
        known = [n.replace("_", "-") for n in BuildConfig.model_fields]
        hint = did_you_mean(option, known) or f"; the options are {', '.join(known)}"
        return f"{where}no option {option!r}{hint}"
    if name == "concepts":  # one mistake, but an error for each of the two things it may be
        return f"{where}concepts: {error['input']!r} is no good; give a number from 1, or auto"
    if error["type"] == "literal_error":
        choices = get_args(BuildConfig.model_fields[name].annotation)
        hint = did_you_mean(str(error["input"]), choices) or f"; it is one of {', '.join(choices)}"
        return f"{where}{option}: no {error['input']!r}{hint}"
    return f"{where}{option}: {error['input']!r} is no good: {error['msg'].lower()}"
