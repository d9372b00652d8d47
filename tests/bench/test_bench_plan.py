"""The plan's arithmetic, by hand."""

from dataclasses import replace

import pytest

from lens_site.bench.plan import ASSUMED, Job, Machine, Parts, in_words, plan

JOB = Job(images=1000, classes=10, chosen=50, picture_kb=100.0, heavier=2.0)
PARTS = Parts(decode_s=0.01, encode_s=0.1, few=(20.0, 1.0), many=(40.0, 2.0), render_s=0.5)
CPU = Machine("cpu", cores=4, disk_mb_per_s=100.0, price=2.0)


def seconds(job: Job, parts: Parts, machine: Machine) -> dict[str, tuple[float, str]]:
    return {s.name: (s.seconds, s.bottleneck) for s in plan(job, parts, machine).stages}


def test_without_a_gpu_decoding_and_encoding_share_the_cores() -> None:
    made = seconds(JOB, PARTS, CPU)
    # 1000 · (2 · 0.01 + 0.1) / 4, and 10 · (50 · 0.12 + 2.5) / 4
    assert made["predicting"] == (pytest.approx(30), "cores (encoding)")
    assert made["classes"] == (pytest.approx(21.25), "cores (encoding)")
    assert made["pages"] == (pytest.approx(5), "one core")
    whole = plan(JOB, PARTS, CPU)
    assert whole.hours == pytest.approx(56.25 / 3600)
    assert whole.dollars == pytest.approx(2 * 56.25 / 3600)


def test_with_gpus_the_slowest_of_three_decides() -> None:
    gpu = replace(CPU, gpus=2, gpu_rate=10.0)
    parts = replace(PARTS, encode_s=None)
    assert seconds(JOB, parts, gpu)["predicting"] == (pytest.approx(50), "GPU")
    fast = replace(gpu, gpu_rate=1e6)
    made = seconds(JOB, parts, fast)
    assert made["predicting"] == (pytest.approx(5), "cores (decoding)")
    assert made["classes"] == (pytest.approx(10 * (50 * 0.02 + 2.5) / 4), "cores (concepts)")
    slow_disk = replace(fast, disk_mb_per_s=1.0)
    assert seconds(JOB, parts, slow_disk)["predicting"] == (pytest.approx(100), "disk")


def test_encoding_on_cores_has_to_be_measured_first() -> None:
    with pytest.raises(ValueError, match="was not measured"):
        plan(JOB, replace(PARTS, encode_s=None), CPU)


@pytest.mark.parametrize(
    ("few", "many", "images", "wanted"),
    [
        ((20.0, 1.0), (40.0, 2.0), 20.0, 1.0),
        ((20.0, 1.0), (40.0, 2.0), 400.0, 20.0),
        ((20.0, 1.0), (20.0, 1.5), 400.0, 1.5),  # all classes are small: no line
        ((20.0, 1.5), (40.0, 1.0), 400.0, 1.5),  # measured on a disturbed machine
    ],
)
def test_a_class_costs_what_the_line_says(
    few: tuple[float, float], many: tuple[float, float], images: float, wanted: float
) -> None:
    assert replace(PARTS, few=few, many=many).class_s(images) == pytest.approx(wanted)


def test_the_table_names_what_is_assumed_and_what_it_comes_to() -> None:
    lines = in_words(JOB, PARTS, [plan(JOB, PARTS, CPU)]).splitlines()
    assert lines[-1] == (
        "| cpu: 4 cores, 100 MB/s read, $2 an hour | 0.5 min: cores (encoding) "
        "| 0.4 min: cores (encoding) | 0.1 min: one core | 0.9 min | $0.03 |"
    )
    assert "decoding 10.00 ms (taken 2 times), encoding 100.0 ms, a class of 50 2.5 s" in lines[1]
    assert lines[0].startswith("1,000 pictures of 100 kB, 10 classes of 50")


def test_more_of_anything_is_never_slower() -> None:
    for machine in ASSUMED:
        before = plan(Job(), PARTS, machine).hours
        assert plan(Job(), PARTS, replace(machine, cores=2 * machine.cores)).hours <= before
        assert plan(Job(images=2 * Job().images), PARTS, machine).hours > before
