"""Names that an image-text model gave to concepts: claims of that model, kept apart."""

from pydantic import Field

from lens_site.results.schema.record import SCHEMA_VERSION, SEAL, Record, Sha256


class ConceptName(Record):
    """What was chosen for one concept."""

    index: int = Field(ge=0, description="of the class")
    concept: int = Field(ge=1, description="number of the concept in its class")
    term: str = Field(description="the best term; a name only where its score is enough")
    score: float = Field(
        description="how often a held-out tile is nearer to the term than one that holds little "
        "of the concept; 1/2 is chance"
    )
    tiles: int = Field(description="tiles of the concept, every second one held out")
    low: int = Field(description="tiles of its class that hold little of it, likewise")


class Names(Record):
    """All names of a run; a concept with too few tiles has no entry."""

    sha256: str = SEAL
    schema_version: int = SCHEMA_VERSION
    model: str = Field(description="image-text model and weights")
    vocabulary: str = Field(description="file of the terms")
    vocabulary_sha256: Sha256
    terms: int
    threshold: float = Field(description="score under which a concept stays unnamed")
    keys: dict[int, str] = Field(description="key of each class result that was named, by index")
    names: tuple[ConceptName, ...] = Field(description="by class and number")
