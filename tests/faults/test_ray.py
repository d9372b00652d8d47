"""A Ray cluster of two nodes on this machine: the same bytes, also when a node goes in the middle.

Ray's own children outlive a test by a moment and warn of it; that is not ours to judge.
"""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attacks import snapshot
from fleet import BUILT, COLORS, GRACE, OPTIONS, building
from moments import half_done
from support import TESTS, Lens

from lens_site import lease
from lens_site.config import load_config
from lens_site.engine.engines import ray as engine
from lens_site.engine.work import works

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")

STORE = 80 * 2**20
"""Bytes of a node's object store: 75 MiB is the least Ray takes."""


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster of a head without a CPU and two nodes of one CPU each."""
    from ray.cluster_utils import Cluster

    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    monkeypatch.setenv("PYTHONPATH", path)
    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "object_store_memory": STORE, "include_dashboard": False},
    )
    try:
        for _ in range(2):
            cluster.add_node(num_cpus=1, object_store_memory=STORE)
        yield cluster
    finally:
        cluster.shutdown()


def node_at_work(nodes: Any, out: Path) -> Any:
    """Return the node of a worker that computes a class right now; None where none does."""
    for work in works(out):
        for owner in lease.owners(work.leases).values():
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{owner.pid}/stat").read_text()
                above = int(stat.rpartition(")")[2].split()[1])
                for node in nodes.worker_nodes:
                    if node.all_processes["raylet"][0].process.pid == above:
                        return node
    return None


def test_a_node_goes_in_the_middle(
    nodes: Any, hues: Path, hues_alone: Path, tmp_path: Path
) -> None:
    out, end = tmp_path / "out", time.monotonic() + GRACE
    with building(hues, out, "--engine", "ray", "--address", nodes.address) as (process, log):
        gone = None
        while gone is None or len(list(out.glob("results/*/[0-9]*/result.json"))) < 3:
            gone = node_at_work(nodes, out)
            assert time.monotonic() < end and process.is_alive(), log.read_text()
        nodes.remove_node(gone, allow_graceful=False)
        process.join(GRACE)
        assert process.exitcode == 0, log.read_text()
    for part in ("results", "site"):
        assert snapshot(out / part) == snapshot(hues_alone / part)
    built = BUILT.findall(log.read_text())
    assert len(built) == len(set(built)) == COLORS
    assert list(out.glob("cache/predictions-*/ray-*/predicted.bin")), "workers predicted"


def test_sigterm_in_the_middle(nodes: Any, hues: Path, hues_alone: Path, tmp_path: Path) -> None:
    out, end = tmp_path / "out", time.monotonic() + GRACE
    with building(hues, out, "--engine", "ray", "--address", nodes.address) as (process, log):
        while node_at_work(nodes, out) is None or not list(out.glob("results/*/[0-9]*/")):
            assert time.monotonic() < end and process.is_alive(), log.read_text()
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join(GRACE)
        said = log.read_text()
    assert process.exitcode == 143, said
    assert said.splitlines()[-1] == (
        "lens: ended; finished classes are kept, the same command goes on"
    )
    assert "Traceback" not in said
    assert half_done(out) == [], "what was under way is finished"
    there = {path.parent.name for path in out.glob("results/*/[0-9]*/result.json")}
    assert 0 < len(there) < COLORS
    with building(hues, out) as (process, log):
        process.join(GRACE)
        assert process.exitcode == 0, log.read_text()
    assert not there & set(BUILT.findall(log.read_text().removeprefix(said))), "done once"
    for part in ("results", "site"):
        assert snapshot(out / part) == snapshot(hues_alone / part)


class SignalTaker:
    """A library that puts its own handler of SIGTERM in the place of ours, as Ray does."""

    def init(self, **_: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def shutdown(self) -> None:
        pass


def test_sigterm_stays_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "cluster", SignalTaker())
    before = signal.getsignal(signal.SIGTERM)
    with engine.Ray.connected(load_config({})):
        assert signal.getsignal(signal.SIGTERM) is before


def test_lacking_ray_one_line_says_so(
    lens: Lens, hues: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "cluster", None)
    done = lens("build", "--data", hues, "--out", tmp_path, *OPTIONS, "--engine", "ray")
    assert done.exit_code == 2
    assert done.output == (
        "lens: engine: ray is not installed; type: pip install 'lens-site[ray]'\n"
    )


def test_an_unknown_engine_is_named(lens: Lens, hues: Path, tmp_path: Path) -> None:
    done = lens("build", "--data", hues, "--out", tmp_path, *OPTIONS, "--engine", "rey")
    assert done.exit_code == 2
    assert "engine: no 'rey'; did you mean 'ray'?" in done.output
