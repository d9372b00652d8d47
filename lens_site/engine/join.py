"""The end of a build: all classes have their fate, the run is written down and compared.

It needs files alone, so that whoever comes last can do it: a build, the last of several shards, or
``lens render``.
"""

from collections.abc import Sequence

from lens_site import atomic
from lens_site.engine.across import compare_classes
from lens_site.engine.events import Report
from lens_site.engine.work import Work
from lens_site.results import store
from lens_site.results.schema import ClassStatus, RunResult


def statuses_of(work: Work) -> list[ClassStatus] | None:
    """Return what became of every class of the plan; None while some are to be computed."""
    keys = work.keys()
    fates = [
        one if one.status == "few" else work.fate(one, keys[one.slug])
        for one in work.planned().classes
    ]
    ended = [one for one in fates if one is not None]
    return ended if len(ended) == len(fates) else None


def join(work: Work, statuses: Sequence[ClassStatus], *, report: Report) -> RunResult:
    """Write the run, its network and what is found across its classes.

    Where no class is built, the last run stays the last.

    Raises
    ------
    OutputError
        When something cannot be written.
    """
    by_index = tuple(sorted(statuses, key=lambda one: one.index))
    result = work.planned().model_copy(update={"classes": by_index})
    run_dir, keys = work.run_dir, work.keys()
    if any(one.status == "built" for one in statuses):
        network = work.folder / store.NETWORK
        store.write_network(run_dir, network.read_bytes() if network.is_file() else None)
        store.write_run(run_dir, result)
        for one in statuses:
            if one.status == "few":  # it had enough images once
                store.remove_class(run_dir, one.slug)
        atomic.sweep(run_dir)
    by = {one.index: keys[one.slug] for one in statuses if one.status != "few"}
    compare_classes(run_dir, result, by, seed=int(str(result.config["seed"])), report=report)
    return result


def join_the_last(work: Work, *, report: Report) -> bool:
    """Join a run that shards have computed; False where they have not come to its end.

    Raises
    ------
    ResultError
        When the plan is damaged.
    OutputError
        When something cannot be written.
    """
    statuses = statuses_of(work) if work.is_planned() else None
    if statuses is not None:
        with work.joining():
            join(work, statuses, report=report)
    return statuses is not None
