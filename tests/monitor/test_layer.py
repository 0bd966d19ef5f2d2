"""A layer reads like a copy with the same changes, and what is below it stays as it was."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.layer import Layer

KEYS = st.integers(0, 5)
BELOW = st.dictionaries(KEYS, st.integers())
CHANGES = st.lists(st.tuples(KEYS, st.one_of(st.none(), st.integers())))


@given(BELOW, CHANGES)
def test_a_layer_reads_like_a_copy_with_the_same_changes(
    below: dict[int, int], said: list[tuple[int, int | None]]
) -> None:
    before, copy, layer = dict(below), dict(below), Layer(below)
    for key, value in said:
        if value is None:
            assert layer.pop(key, None) == copy.pop(key, None)
        else:
            layer[key] = copy[key] = value
        assert layer == copy
        assert (len(layer), sorted(layer), key in layer) == (len(copy), sorted(copy), key in copy)
        assert (layer.get(key), layer.get(key, 7)) == (copy.get(key), copy.get(key, 7))
    assert below == before
