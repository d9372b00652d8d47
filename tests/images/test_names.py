"""Names packed together read as the list they were made of."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lens_site.images.names import Names, each_once, printable

ON_DISK = st.binary(max_size=6).map(lambda raw: raw.decode("utf-8", "surrogateescape"))


@given(st.lists(ON_DISK, max_size=8), st.lists(ON_DISK, max_size=8))
def test_packed_names_are_the_list(first: list[str], second: list[str]) -> None:
    one, other = Names.of(first), Names.of(second)
    shown = [printable(name) for name in first]
    assert one == shown and list(one) == shown
    assert [one[i] for i in range(-len(first), len(first))] == shown * 2
    assert one[1:3] == tuple(shown[1:3])
    raw = [name.encode("utf-8", "surrogateescape") for name in first]
    assert [one.raw(i) for i in range(len(first))] == raw
    assert Names.join([one, other]) == shown + [printable(name) for name in second]
    assert one.below(b"x/") == [f"x/{name}" for name in shown]
    backwards = np.arange(len(first))[::-1]
    assert one.take(backwards) == shown[::-1]
    assert len(set(one.digests().tolist())) == len(set(raw))
    with pytest.raises(IndexError):
        one[len(first)]


def test_names_that_read_alike_are_numbered() -> None:
    assert each_once(["\udcff", "\\xff", "a"]) == ("\\xff", "\\xff (2)", "a")
