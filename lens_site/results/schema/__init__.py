"""What a class result and a run hold: numbers, words and file names, nothing that needs torch.

Notation (see methods.md of the framework, Fel et al. 2023): n images, k concepts, a grid of
h × w patches an image. Concepts and strategies are numbered from 1, in order of importance
and size; a class is named by its index. Images are referred to by their position in
``ClassResult.images``. Shares are fractions (0.31, not 31).
"""

from lens_site.results.schema.claims import (
    Covering,
    Curve,
    Faithfulness,
    Kept,
    Metrics,
    Refits,
    Rival,
    Separation,
)
from lens_site.results.schema.classes import (
    Alignment,
    ClassResult,
    Concept,
    Edge,
    Extraction,
    ImageEntry,
    LabelCount,
    Part,
    PatchMode,
    Recursion,
    ScoreMode,
    Sprite,
    Strategy,
    Tile,
    Tried,
)
from lens_site.results.schema.record import (
    RESULT_VERSION,
    SCHEMA_VERSION,
    SEAL,
    ClassName,
    FileName,
    Record,
    Sha256,
    Slug,
)
from lens_site.results.schema.run import (
    BrowserNetwork,
    ClassifierInfo,
    ClassStatus,
    Credit,
    DataInfo,
    RunResult,
    Status,
    Unreadable,
)

__all__ = [
    "RESULT_VERSION",
    "SCHEMA_VERSION",
    "SEAL",
    "Alignment",
    "BrowserNetwork",
    "ClassName",
    "ClassResult",
    "ClassStatus",
    "ClassifierInfo",
    "Concept",
    "Covering",
    "Credit",
    "Curve",
    "DataInfo",
    "Edge",
    "Extraction",
    "Faithfulness",
    "FileName",
    "ImageEntry",
    "Kept",
    "LabelCount",
    "Metrics",
    "Part",
    "PatchMode",
    "Record",
    "Recursion",
    "Refits",
    "Rival",
    "RunResult",
    "ScoreMode",
    "Separation",
    "Sha256",
    "Slug",
    "Sprite",
    "Status",
    "Strategy",
    "Tile",
    "Tried",
    "Unreadable",
]
