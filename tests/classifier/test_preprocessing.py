import tracemalloc

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from lens_site.classifier.preprocessing import Preprocessing, from_timm


def picture(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


def test_equals_the_transforms_of_torchvision() -> None:
    ours = Preprocessing(resize=256, crop=224, interpolation="bicubic")
    theirs = transforms.Compose(
        [
            transforms.Resize(256, transforms.InterpolationMode.BICUBIC),
            transforms.CenterCrop(224),
            transforms.ToTensor(),
            transforms.Normalize(ours.mean, ours.std),
        ]
    )
    image = picture(300, 410)
    torch.testing.assert_close(ours(image), theirs(image), atol=1e-5, rtol=0)


def test_every_value_is_that_of_the_formula_to_the_bit() -> None:
    ours = Preprocessing(resize=224, crop=224)
    values = np.arange(224 * 224 * 3, dtype=np.uint32).reshape(224, 224, 3) * 7 % 256
    prepared = ours(Image.fromarray(values.astype(np.uint8)))
    scale, shift = (np.array(v, dtype=np.float32) * 255 for v in (ours.std, ours.mean))
    wanted = (values.astype(np.float32) - shift) / scale
    assert torch.equal(prepared, torch.from_numpy(wanted).permute(2, 0, 1))
    assert prepared.is_contiguous()


@pytest.mark.parametrize("size", [(1, 20_000), (20_000, 1), (3, 5_000)])
def test_a_strip_costs_no_more_memory_than_a_picture(size: tuple[int, int]) -> None:
    tracemalloc.start()
    seen = Preprocessing(resize=256, crop=224)(picture(*size))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen.shape == (3, 224, 224)
    assert peak < 50e6


def test_a_long_picture_keeps_its_middle() -> None:
    long = picture(8, 1000)
    middle = long.crop((0, 436, 8, 564))
    ours = Preprocessing(resize=256, crop=224)
    assert torch.equal(ours(long), ours(middle))


def test_view_is_the_part_that_is_cropped() -> None:
    wide = picture(512, 256)
    view = Preprocessing(resize=256, crop=224).view(wide)
    assert view.size == (224, 224)
    assert np.array_equal(np.array(view), np.array(wide)[16:240, 144:368])


def test_view_keeps_the_resolution_of_the_picture() -> None:
    assert Preprocessing(resize=256, crop=224).view(picture(1024, 2048)).size == (896, 896)


def test_squash_sees_everything() -> None:
    preprocessing = Preprocessing(crop=32, squash=True)
    assert preprocessing(picture(90, 40)).shape == (3, 32, 32)
    assert preprocessing.view(picture(90, 40)).size == (90, 40)


def test_timm_configuration() -> None:
    config = {"input_size": (3, 240, 240), "crop_pct": 0.9, "mean": (0.5,) * 3, "std": (0.5,) * 3}
    read = from_timm(config)
    assert (read.resize, read.crop, read.interpolation) == (266, 240, "bilinear")
