"""What the runs of one site are called, so that each can be told from the others."""

from collections.abc import Sequence

from lens_site.results.schema import RunResult

ALWAYS_TOLD = {"model", "data"}
"""Options that the name of the network and of the images tell already."""


def labels(runs: Sequence[RunResult]) -> dict[str, str]:
    """Return the labels of runs by their names.

    A label is the name of the network; where several have the same, the options in which these
    differ stand after it, and where these are the same, too, the name of the run. What is the same
    of all runs is left out.
    """
    return {run.run: _label(run, runs) for run in runs}


def differing(runs: Sequence[RunResult]) -> tuple[str, ...]:
    """Return the options in which runs differ, by name."""
    names = sorted({name for run in runs for name in run.config} - ALWAYS_TOLD)
    return tuple(n for n in names if len({str(run.config.get(n)) for run in runs}) > 1)


def _label(run: RunResult, runs: Sequence[RunResult]) -> str:
    name = run.classifier.name
    same = [other for other in runs if other.classifier.name == name]
    if len(same) == 1:
        return name
    told = [f"{option.replace('_', ' ')} {run.config.get(option)}" for option in differing(same)]
    alike = [other for other in same if _told(other, same) == _told(run, same)]
    words = [name] if len(same) < len(runs) else []
    return ", ".join([*words, *told, *([run.run] if len(alike) > 1 else [])])


def _told(run: RunResult, runs: Sequence[RunResult]) -> tuple[str, ...]:
    return tuple(str(run.config.get(option)) for option in differing(runs))
