"""A circuit breaker: when an endpoint is left alone, and when it is tried again."""

from datetime import timedelta
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from alerts.breaker import FAILURES, FIRST_OPEN, LONGEST_OPEN, Breaker, Circuit
from alerts.reason import UNWELL, WELL, ReasonClass
from tests.cast import NOON, SECOND
from tests.trials import examples

NEW = Breaker()
DOWN, UP = ReasonClass.UNREACHABLE, ReasonClass.ACCEPTED


def failed(times: int, breaker: Breaker = NEW) -> Breaker:
    """Return a breaker after so many failures at noon."""
    return reduce(lambda one, _: one.after(DOWN, NOON), range(times), breaker)


def test_so_many_failures_in_a_row_open_it_and_one_success_closes_it() -> None:
    assert failed(FAILURES - 1).circuit(NOON) is Circuit.CLOSED
    assert failed(FAILURES).circuit(NOON) is Circuit.OPEN
    assert failed(FAILURES).after(UP, NOON) == Breaker()
    assert failed(FAILURES - 1, failed(FAILURES - 1).after(UP, NOON)).circuit(NOON) is Circuit.CLOSED


def test_after_its_time_it_is_half_open_and_one_more_failure_opens_it_for_twice_as_long() -> None:
    opened = failed(FAILURES)
    tried = NOON + FIRST_OPEN
    assert opened.circuit(tried - SECOND) is Circuit.OPEN
    assert opened.circuit(tried) is Circuit.HALF_OPEN
    assert opened.after(DOWN, tried).until == tried + 2 * FIRST_OPEN


def test_what_was_under_way_when_it_opened_makes_it_no_longer() -> None:
    assert failed(FAILURES + 7).until == failed(FAILURES).until


def test_a_refusal_of_one_message_says_that_the_endpoint_works() -> None:
    assert failed(FAILURES - 1).after(ReasonClass.REFUSED, NOON).failures == 0


def test_what_says_nothing_of_the_endpoint_moves_nothing() -> None:
    for why in set(ReasonClass) - UNWELL - WELL:
        assert failed(3).after(why, NOON) == failed(3)


@examples(usual=50, full=2000)
@given(st.lists(st.tuples(st.sampled_from(ReasonClass), st.integers(0, 600)), max_size=60))
def test_it_is_never_open_for_longer_than_its_limit_and_only_after_failures_in_a_row(
    heard: list[tuple[ReasonClass, int]],
) -> None:
    breaker, now, row = Breaker(), NOON, 0
    for why, later in heard:
        now += timedelta(seconds=later)
        breaker = breaker.after(why, now)
        row = 0 if why in WELL else row + (why in UNWELL)
        assert (breaker.circuit(now) is Circuit.CLOSED) == (row < FAILURES)
        assert breaker.until is None or breaker.until <= now + LONGEST_OPEN
