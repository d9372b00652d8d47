"""The runs of one site, and what any two of them have in common."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

from lens_site.errors import ResultError
from lens_site.results import store
from lens_site.results.schema import Identity, PairResult
from lens_site.site.records import Company, Site


def together(run_dirs: Sequence[Path], identity: Identity | None = None) -> tuple[Site, ...]:
    """Return the sites of these runs, each knowing of the others.

    ``identity`` is what all are called, in place of what each run holds.

    Raises
    ------
    ResultError
        When a run is missing or damaged, or two of them were not compared.
    """
    runs = [store.read_run(folder) for folder in run_dirs]
    if len(runs) == 1:
        return (Site(run_dirs[0], runs[0], identity),)
    numbered = list(zip(run_dirs, runs, strict=True))
    pairs = {
        (one.run, other.run): _pair(folder, other.run)
        for (folder, one), (_, other) in combinations(numbered, 2)
    }
    company = Company(pairs=pairs)
    company.sites.extend(Site(folder, run, identity, company) for folder, run in numbered)
    return tuple(company.sites)


def _pair(run_dir: Path, other: str) -> PairResult:
    pair = store.load_pair(run_dir, other)
    if pair is None:
        raise ResultError(
            f"{run_dir}: holds no {store.pair_file(other)}, wanted the comparison of the two runs; "
            "lens render with both makes it"
        )
    return pair
