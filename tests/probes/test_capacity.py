"""What we can bear ourselves: nothing is stretched for a hiccup, the light tiers first, and all of it comes back."""

from collections.abc import Mapping
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from probes.capacity import ENOUGH, LATE, Capacity, Window, borne, learned
from probes.catalog import Probe, ProbeId, SystemId
from probes.plan import Want
from probes.promise import Promise
from tests.cast import SECOND

WINDOW = 2 * SECOND
MANAGED = 400
WANTED = 1000.0


def late(looks: int = 2 * MANAGED) -> Window:
    """Return a window in which looks had to wait for us."""
    return Window(span=WINDOW, looks=looks, late=looks * SECOND)


def in_time(looks: int = 2 * MANAGED) -> Window:
    """Return a window in which they had not."""
    return Window(span=WINDOW, looks=looks)


def want(name: str, weight: float, longest: timedelta | None = None) -> Want:
    """Return a list that is wanted every second, and may be looked at as seldom as a promise allows."""
    probe = Probe(id=ProbeId(name), system=SystemId(name), resource="")
    promises = (Promise(tier=name, path="sla.repair", span=longest, share=1.0),) if longest else ()
    return Want(probe=probe, wanted=SECOND, promises=promises, weight=weight, rank=weight, fixed=True)


def spread_over(wants: list[Want], looks: float) -> Mapping[ProbeId, timedelta]:
    """Return all intervals where so many looks a second can be borne."""
    wanted = {one.probe.id: one.wanted for one in wants}
    return {**wanted, **borne(wants, wanted, looks)}


def test_one_late_window_is_a_hiccup() -> None:
    assert learned(Capacity(), late(), WANTED).looks is None


def test_few_looks_that_are_late_say_nothing_of_what_we_bear() -> None:
    capacity = Capacity()
    for _ in range(5):
        capacity = learned(capacity, late(ENOUGH - 1), WANTED)
    assert capacity.looks is None


def test_what_was_managed_while_looks_were_late_is_what_we_bear() -> None:
    capacity = learned(learned(Capacity(), late(), WANTED), late(), WANTED)
    assert capacity.looks is not None
    assert 0.9 * MANAGED <= capacity.looks < MANAGED


def test_more_is_tried_until_all_that_is_wanted_is_managed_again() -> None:
    capacity, windows = Capacity(looks=MANAGED), 0
    while capacity.looks is not None:
        before, capacity, windows = capacity.looks, learned(capacity, in_time(), WANTED), windows + 1
        assert capacity.looks is None or before < capacity.looks < WANTED
    assert windows < 30


def test_nothing_more_is_tried_while_looks_are_nearly_late() -> None:
    nearly = Window(span=WINDOW, looks=MANAGED, late=MANAGED * LATE * 0.8)
    assert learned(Capacity(looks=MANAGED), nearly, WANTED) == Capacity(looks=MANAGED)


def test_the_heavy_tier_keeps_its_promise_and_the_light_ones_give_way() -> None:
    heavy = [want(f"heavy-{number}", 100, 3 * SECOND) for number in range(30)]
    light = [want(f"light-{number}", 1, 3 * SECOND) for number in range(970)]
    found = spread_over(heavy + light, 100)
    assert max(found[one.probe.id] for one in heavy) <= 3 * SECOND
    assert sorted(found[one.probe.id] for one in light)[len(light) // 2] > 3 * SECOND


@given(st.lists(st.tuples(st.floats(1, 1000), st.integers(2, 600)), min_size=2, max_size=40), st.floats(0.1, 30))
def test_no_more_is_planned_than_we_bear_and_no_less_than_nearly_all_of_it(
    said: list[tuple[float, int]], looks: float
) -> None:
    wants = [want(f"{number}", weight, longest * SECOND) for number, (weight, longest) in enumerate(said)]
    planned = sum(SECOND / interval for interval in spread_over(wants, looks).values())
    assert planned <= max(looks, 0) * 1.001
    assert planned >= min(looks, len(wants)) * 0.98


def test_a_moment_in_which_somebody_else_had_the_core_costs_a_quarter_at_most() -> None:
    before = Capacity(looks=MANAGED, strained=1)
    assert learned(before, late(ENOUGH), WANTED).looks == 0.75 * MANAGED
