"""The time left, on a clock of the test's own."""

import json
from pathlib import Path

import pytest

from lens_site.engine.estimate import FIXED, SECONDS_AFTER, TimeLeft, in_words, units
from lens_site.engine.events import (
    ClassBegun,
    ClassEnded,
    Comparing,
    Expected,
    Loaded,
    Planned,
    Predicted,
)
from lens_site.results.schema import ClassName, ClassStatus


class Build:
    """A build of 2,000 images at 100 a second, then 20 classes of 100 images, one at a time."""

    def __init__(self, last: Path | None = None) -> None:
        self.now = 0.0
        self.left = TimeLeft(last, clock=lambda: self.now)

    def predict(self, images: int, speed: float = 100.0) -> None:
        for _ in range(images // 20):
            self.now += 20 / speed
            self.left(Expected(20, 2000))
            self.left(Predicted(20, cached=False))

    def classes(self, first: int, last: int, seconds: float) -> list[float]:
        told = []
        for i in range(first, last):
            slug = f"{i:04d}-x"
            self.left(ClassBegun(ClassName(index=i, name="x", slug=slug), 100))
            self.now += seconds
            status = ClassStatus(index=i, slug=slug, name="x", status="built", images=100)
            self.left(ClassEnded(status, seconds, seconds))
            told.append(self.left.seconds() or 0.0)
        return told


def report(tmp_path: Path, seconds: float) -> Path:
    path = tmp_path / "report.json"
    work, stages = {"classes": 10, "images": 1000}, {"classes": seconds}
    path.write_text(json.dumps({"work": work, "seconds": {"stages": stages}}))
    return path


def test_all_stages_are_counted_from_the_first_images_on(tmp_path: Path) -> None:
    build = Build(report(tmp_path, 30.0))  # 3 s a class of 100 images
    assert build.left.seconds() is None
    build.left(Loaded("net", "cpu", "data", 2500, "pictures", "torch"))
    build.left(Predicted(500, cached=True))
    assert build.left.in_words() == ""
    build.predict(200)
    assert build.left.seconds() == pytest.approx(18 + 20 * 3 + 20 * SECONDS_AFTER)
    assert build.left.in_words() == "about 80 s left in all"
    build.predict(1800)
    build.left(Expected(20, 2000))
    build.left(Planned(20, 0))
    assert build.left.seconds() == pytest.approx(20 * 3 + 20 * SECONDS_AFTER)
    told = build.classes(0, 20, 3.0)
    wanted = [3.0 * (19 - i) + 20 * SECONDS_AFTER for i in range(20)]
    assert told == pytest.approx(wanted), "as good as it was, it stays"
    build.left(Comparing(20))
    assert build.left.seconds() == pytest.approx(20 * SECONDS_AFTER)


def test_a_wrong_guess_is_mended_by_what_is_measured() -> None:
    build = Build()
    build.left(Loaded("net", "cpu", "data", 2000, "pictures", "torch"))
    build.predict(2000)
    build.left(Planned(20, 0))
    told = build.classes(0, 20, 6.0)
    wanted = [6.0 * (19 - i) + 20 * SECONDS_AFTER for i in range(20)]
    off = [abs(t - w) / w for t, w in zip(told, wanted, strict=True)]
    assert off[0] > 0.5
    assert max(off[9:]) < 0.25
    assert off[-1] < 1e-9


def test_a_speed_that_changes_is_followed_but_not_at_once() -> None:
    build = Build()
    build.left(Loaded("net", "cpu", "data", 100_000, "pictures", "torch"))
    build.predict(6000)
    before = build.left.seconds() or 0.0
    build.predict(20, speed=1.0)  # one slow batch of twenty seconds
    assert build.left.seconds() == pytest.approx(before, rel=0.5)
    build.predict(20_000, speed=50.0)
    classes = 20 * SECONDS_AFTER + units(20, 2000) * 0.005
    assert build.left.seconds() == pytest.approx(73_980 / 50 + classes, rel=0.1)


@pytest.mark.parametrize("text", ["", "{}", '{"work": {"classes": 0, "images": 0}}', "[1]", "\0"])
def test_a_report_without_work_is_passed_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    build = Build(path)
    build.left(Expected(4, 300))
    build.left(Planned(4, 0))
    assert build.left.seconds() == pytest.approx((4 * FIXED + 300) * 0.005 + 4 * SECONDS_AFTER)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "5 s"), (38, "40 s"), (91, "2 min"), (12 * 60 + 10, "12 min"),
        (3600 * 1.5, "1 h 30 min"), (3600 * 2 - 1, "2 h"),
        (3600 * 3.34, "3 h 20 min"), (3600 * 26.6, "27 h"),
    ],
)  # fmt: skip
def test_times_are_as_rough_as_they_are_known(seconds: float, words: str) -> None:
    assert in_words(float(seconds)) == words
