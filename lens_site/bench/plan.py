"""Hours and cost of a build of ImageNet's size, from measured parts: arithmetic alone, no clock.

Work on a machine's cores adds up and is shared evenly by them, which one process reaches only
nearly; a disk, the cores and GPUs work beside each other, so a stage takes as long as the slowest
of the three. With t the core seconds of a picture, N pictures, c cores:

    predicting = max(N · bytes / disk, N · (t_decode + t_encode) / c),    without a GPU
    predicting = max(N · bytes / disk, N · t_decode / c, N / GPUs' rate), with GPUs

Classes read their chosen pictures again, for the activations of so many fit no memory, and take the
seconds of their own besides. Pages are written by one core. Comparing classes is left out.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Job:
    """What is to be built: ILSVRC 2012's training pictures, as they are published."""

    images: int = 1_281_167
    classes: int = 1_000
    chosen: int = 400
    """Pictures that a class is computed from: ``--max-images``."""
    picture_kb: float = 110.0
    heavier: float = 2.0
    """Decoding one of them over decoding one of those measured: 469 × 387 pixels on average, where
    ``clothing`` has 256 × 341."""


@dataclass(frozen=True)
class Parts:
    """What was measured, in seconds of one core; ``encode_s`` is None where a GPU encodes."""

    decode_s: float
    encode_s: float | None
    few: tuple[float, float]
    many: tuple[float, float]
    """Images of a class and its own seconds, once with few images and once with more."""
    render_s: float
    """Of one class."""

    def class_s(self, images: float) -> float:
        """Seconds of a class with so many images, on the line through the two that were measured.

        Where that line would fall, they are those of the dearer of the two.
        """
        (n0, s0), (n1, s1) = self.few, self.many
        if n1 <= n0 or s1 <= s0:
            return max(s0, s1)
        return s0 + (s1 - s0) * (images - n0) / (n1 - n0)


@dataclass(frozen=True)
class Machine:
    """A machine; ``gpu_rate`` is images a second of one GPU, a price is dollars an hour."""

    name: str
    cores: int
    gpus: int = 0
    gpu_rate: float = 0.0
    disk_mb_per_s: float = 500.0
    price: float | None = None

    def in_words(self) -> str:
        """Say what is assumed of it."""
        gpus = f"{self.gpus} × {self.gpu_rate:,.0f} images/s encoded, " if self.gpus else ""
        price = "" if self.price is None else f", ${self.price:g} an hour"
        return f"{self.cores} cores, {gpus}{self.disk_mb_per_s:,.0f} MB/s read{price}"


ASSUMED = (
    Machine("32-core CPU", cores=32, price=1.5),
    Machine("one H100", cores=26, gpus=1, gpu_rate=8_000.0, price=3.0),
    Machine("eight H100", cores=208, gpus=8, gpu_rate=8_000.0, price=24.0),
)
"""Machines as they are let; none of them was measured. The rate is of a network of the size of
EfficientNet-Lite0 in bfloat16; cores count as those of the machine at hand."""


@dataclass(frozen=True)
class Stage:
    """Seconds of one stage, and what is the slowest in it."""

    name: str
    seconds: float
    bottleneck: str


@dataclass(frozen=True)
class Planned:
    """All stages of the job on one machine."""

    machine: Machine
    stages: tuple[Stage, ...]

    @property
    def hours(self) -> float:
        """Of the whole."""
        return sum(stage.seconds for stage in self.stages) / 3600

    @property
    def dollars(self) -> float | None:
        """Of the whole, where the machine has a price."""
        return None if self.machine.price is None else self.hours * self.machine.price

    def record(self) -> dict[str, object]:
        """Plain values."""
        return {**asdict(self), "hours": self.hours, "dollars": self.dollars}


def plan(job: Job, parts: Parts, machine: Machine) -> Planned:
    """Return the stages of ``job`` on ``machine``."""
    own = job.classes * parts.class_s(float(job.chosen))
    return Planned(
        machine,
        (
            _slowest("predicting", _reading(job, parts, machine, job.images)),
            _slowest(
                "classes", _reading(job, parts, machine, job.classes * job.chosen, own)
            ),
            Stage("pages", job.classes * parts.render_s, "one core"),
        ),
    )  # fmt: skip


def _reading(
    job: Job, parts: Parts, machine: Machine, images: int, own: float = 0.0
) -> dict[str, float]:
    """Seconds of each resource for so many pictures and ``own`` seconds of other work on cores."""
    decode = images * parts.decode_s * job.heavier
    encode = 0.0
    resources = {"disk": images * job.picture_kb / 1000 / machine.disk_mb_per_s}
    if machine.gpus:
        resources["GPU"] = images / (machine.gpus * machine.gpu_rate)
    else:
        if parts.encode_s is None:
            raise ValueError("encoding on cores was not measured")
        encode = images * parts.encode_s
    on_cores = {"decoding": decode, "encoding": encode, "concepts": own}
    most = max(on_cores, key=on_cores.__getitem__)
    resources[f"cores ({most})"] = sum(on_cores.values()) / machine.cores
    return resources


def _slowest(name: str, resources: dict[str, float]) -> Stage:
    bottleneck = max(resources, key=resources.__getitem__)
    return Stage(name, resources[bottleneck], bottleneck)


def in_words(job: Job, parts: Parts, plans: Sequence[Planned]) -> str:
    """Return the assumptions and the table, in Markdown."""
    encode = "by a GPU" if parts.encode_s is None else f"{1000 * parts.encode_s:.1f} ms"
    lines = [
        f"{job.images:,} pictures of {job.picture_kb:g} kB, {job.classes:,} classes of "
        f"{job.chosen} pictures each, read again.",
        f"Measured, of one core: decoding {1000 * parts.decode_s:.2f} ms (taken {job.heavier:g} "
        f"times), encoding {encode}, a class of {job.chosen} "
        f"{parts.class_s(float(job.chosen)):.1f} s, its pages {parts.render_s:.2f} s.",
        "",
        "| machine | predicting | classes | pages | whole | cost |",
        "|---|---|---|---|---|---|",
    ]
    for one in plans:
        cells = [f"{_time(s.seconds)}: {s.bottleneck}" for s in one.stages]
        cost = "" if one.dollars is None else f"${one.dollars:.2f}"
        name = f"{one.machine.name}: {one.machine.in_words()}"
        lines.append("| " + " | ".join([name, *cells, _time(one.hours * 3600), cost]) + " |")
    return "\n".join(lines)


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min"
