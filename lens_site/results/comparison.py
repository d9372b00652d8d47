"""Methods measured against each other: ``methods-<what>.json`` beside ``run.json``."""

import csv
import io
import json
from pathlib import Path
from statistics import median

from pydantic import ConfigDict, Field

from lens_site import atomic
from lens_site.results.schema import Record

COMPARISONS = "methods-*.json"
"""Pattern of the files' names."""


class ComparisonRow(Record):
    """One method on one class; a value is None where it is undefined or was not reached."""

    model_config = ConfigDict(populate_by_name=True)

    method: str
    class_: str = Field(
        validation_alias="class", serialization_alias="class", description="slug of the class"
    )
    concepts: int = Field(description="k")
    metrics: dict[str, float | None]
    curves: dict[str, tuple[float, ...]] = Field(
        default={}, description="curves behind some of the metrics, over 0, 1/k, …, 1"
    )
    seconds: float | None
    note: str = Field(default="", description="why there are no figures, in one line")


class Comparison(Record):
    """A table of methods × classes × metrics, and what a reader has to know about it."""

    title: str
    paragraphs: tuple[str, ...]
    rows: tuple[ComparisonRow, ...]
    machine: dict[str, str | int | None]

    def metric_names(self) -> tuple[str, ...]:
        """Names of all metrics, in the order of their first appearance."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row.metrics))

    def medians(self) -> tuple[ComparisonRow, ...]:
        """One row for each method and k: the median over the classes that have a value."""
        groups: dict[tuple[str, int], list[ComparisonRow]] = {}
        for row in self.rows:
            groups.setdefault((row.method, row.concepts), []).append(row)
        return tuple(
            ComparisonRow(
                method=method,
                class_="median",
                concepts=concepts,
                metrics={
                    name: _median([row.metrics.get(name) for row in rows])
                    for name in self.metric_names()
                },
                seconds=_median([row.seconds for row in rows]),
            )
            for (method, concepts), rows in groups.items()
        )

    def to_json(self) -> bytes:
        """All of it, with ``class`` under its own name."""
        table = self.model_dump(mode="json", by_alias=True)
        return (json.dumps(table, indent=1, ensure_ascii=False) + "\n").encode()

    def to_csv(self) -> str:
        """All rows, one column a metric; an empty cell is a value that is not defined."""
        text, names = io.StringIO(), self.metric_names()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["method", "class", "concepts", *names, "seconds", "note"])
        for row in self.rows:
            values = [row.metrics.get(name) for name in names]
            writer.writerow([row.method, row.class_, row.concepts, *values, row.seconds, row.note])
        return text.getvalue()


def write_comparison(run_dir: Path, what: str, comparison: Comparison) -> Path:
    """Put a table beside the run it belongs to; raises OutputError."""
    path = run_dir / f"methods-{what}.json"
    atomic.write_bytes(path, comparison.to_json())
    return path


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
