"""What is found across classes, once all of a run are there: computed, or left as it is."""

from collections.abc import Mapping
from pathlib import Path

from lens_site.engine.events import Comparing, Report
from lens_site.errors import ResultError
from lens_site.model import concepts
from lens_site.model.whole import across
from lens_site.results import read_class, store
from lens_site.results.schema import RunResult, model_key


def compare_classes(
    run_dir: Path, run: RunResult, keys: Mapping[int, str], *, seed: int, report: Report
) -> None:
    """Write ``model.json`` over the built classes of a run, unless it is that of these very ones.

    ``keys`` are those of the class results by index.

    Raises
    ------
    ResultError
        When a class result is damaged.
    OutputError
        When it cannot be written; an older one is then untouched.
    """
    built = [one for one in run.classes if one.status == "built"]
    if not built or _is_current(run_dir, model_key({one.index: keys[one.index] for one in built})):
        return
    report(Comparing(len(built)))
    facts = [concepts.read(run_dir, read_class(run_dir, one.slug, verify=False)) for one in built]
    store.write_model(run_dir, across(facts, seed=seed))


def _is_current(run_dir: Path, key: str) -> bool:
    try:
        last = store.load_model(run_dir)
    except ResultError:
        return False
    return last is not None and last.key == key
