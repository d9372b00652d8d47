import numpy as np
import torch

from lens_site.images import crops


def test_crops_are_the_windows_in_reading_order() -> None:
    image = torch.arange(3 * 224 * 224).reshape(1, 3, 224, 224).float()
    cut = crops.cut(image)
    assert cut.shape == (1, 16, 3, 64, 64)
    assert torch.equal(cut[0, 1], image[0, :, :64, 51:115])
    assert torch.equal(cut[0, 4], image[0, :, 51:115, :64])


def test_boxes_say_where_the_crops_are() -> None:
    side = 160
    image = torch.rand(2, 3, side, side, generator=torch.Generator().manual_seed(0))
    cut, boxes = crops.cut(image), crops.boxes(side)
    h, w, _ = boxes.shape
    assert cut.shape[1] == h * w
    for row, column in np.ndindex(h, w):
        left, top, right, bottom = np.rint(boxes[row, column] * side).astype(int)
        part = image[:, :, top:bottom, left:right]
        assert torch.equal(cut[:, row * w + column], part)


def test_an_enlarged_crop_keeps_its_colors_where_they_were() -> None:
    crop = torch.zeros(1, 3, 8, 8)
    crop[:, 0, :, 4:] = 1.0
    large = crops.enlarge(crop, 32)
    assert large.shape == (1, 3, 32, 32)
    assert large[0, 0, :, :12].max() == 0
    assert large[0, 0, :, 20:].min() == 1
