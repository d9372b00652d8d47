import numpy as np

from lens_site.prototypes import code_maps


def test_maps_of_the_leading_concepts_row_by_row() -> None:
    codes = np.zeros((2, 2, 3, 4))
    codes[0, 0, 2, 1] = 2.0  # the largest of concept 2: full
    codes[1, 1, 0, 1] = 1.0
    codes[0, 1, 1, 3] = -5.0  # below zero counts as nothing
    phi = np.array([[0.1, -0.5, 0.3, 0.2], [0.0, 1.0, 0.0, 0.0]])
    header, first, second, end = code_maps(codes, phi).decode().split("\n")
    assert header == "2 3"
    assert first == "2:AA_AAA 3:AAAAAA 4:AAAAAA"
    assert second == "2:AAAgAA"
    assert end == ""


def test_a_fine_grid_is_averaged_down() -> None:
    codes = np.zeros((1, 16, 24, 1))
    codes[0, :2, :3] = 1.0
    header, only, _ = code_maps(codes, np.ones((1, 1))).decode().split("\n")
    assert header == "8 8"
    assert only == "1:_" + "A" * 63
