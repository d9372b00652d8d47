"""Of what every record is made: versions, names that may become files, the base class."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = 7
"""Changes whenever a field changes its name, type or meaning."""


RESULT_VERSION = 14
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


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500, pattern=r"^[^\n]*$")]


SEAL = Field(default="", exclude=True, description="SHA-256 of this file without this member")


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
