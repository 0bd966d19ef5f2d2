"""Water-filling: the rates that leave the least harm undetected, within what a quota bears."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.polling import Demand, spread, undetected


def demand(weight: float, *, least: float = 0, most: float = 100, cost: float = 1) -> Demand:
    return Demand(weight=weight, least=least, most=most, cost=cost)


def spent(demands: list[Demand], rates: tuple[float, ...]) -> float:
    return sum(one.cost * rate for one, rate in zip(demands, rates, strict=True))


def test_the_example_of_five_platinum_twenty_gold_and_seventy_five_silver_comes_out() -> None:
    fleet = [demand(100)] * 5 + [demand(20)] * 20 + [demand(4)] * 75
    rates = spread(fleet, 1.0)
    assert [round(1 / rates[index]) for index in (0, 5, 25)] == [29, 65, 145]
    even = [1 / 100] * 100
    by_weight = [one.weight / sum(other.weight for other in fleet) for one in fleet]
    assert undetected(fleet, even) == pytest.approx(undetected(fleet, by_weight))
    assert undetected(fleet, rates) == pytest.approx(0.7 * undetected(fleet, even), rel=0.02)


def test_an_ample_budget_is_not_used_up() -> None:
    assert spread([demand(1, most=0.1), demand(9, most=0.2)], 50) == (0.1, 0.2)


def test_rates_follow_the_square_root_of_the_weight() -> None:
    rates = spread([demand(1), demand(4), demand(100)], 1.3)
    assert rates == pytest.approx((0.1, 0.2, 1.0))


def test_what_costs_four_requests_is_asked_half_as_often() -> None:
    dear, cheap = spread([demand(1, cost=4), demand(1)], 1)
    assert cheap == pytest.approx(2 * dear)


def test_a_floor_is_kept_and_the_others_share_the_rest() -> None:
    rates = spread([demand(1, least=0.5), demand(1), demand(1)], 1)
    assert rates == pytest.approx((0.5, 0.25, 0.25))


def test_where_the_floors_do_not_fit_the_highest_rank_keeps_its_own_and_nothing_is_never_looked_at() -> None:
    many_silver = demand(1000, least=0.5)
    platinum = Demand(weight=100, least=0.5, most=100, rank=2)
    gold = Demand(weight=40, least=0.5, most=100, rank=1)
    rates = spread([many_silver, platinum, gold], 1)
    assert rates[1] == pytest.approx(0.5)
    assert 0.5 > rates[0] > rates[2] > 0.05
    assert sum(rates) == pytest.approx(1)


DEMANDS = st.lists(
    st.builds(
        lambda weight, most, part, cost: Demand(weight=weight, least=most * part, most=most, cost=cost),
        st.floats(1, 1e6),
        st.floats(0.001, 10),
        st.floats(0, 1),
        st.floats(0.5, 20),
    ),
    min_size=1,
    max_size=8,
)


@given(DEMANDS, st.floats(0.001, 50))
def test_the_budget_is_used_up_or_everybody_has_the_most_and_never_exceeded(
    demands: list[Demand], budget: float
) -> None:
    rates = spread(demands, budget)
    assert all(0 < rate <= one.most for one, rate in zip(demands, rates, strict=True))
    wanted = spent(demands, tuple(one.most for one in demands))
    assert spent(demands, rates) == pytest.approx(min(budget, wanted), rel=1e-6)


@given(DEMANDS, st.floats(0.001, 50))
def test_floors_that_fit_are_all_kept(demands: list[Demand], budget: float) -> None:
    if spent(demands, tuple(one.least for one in demands)) <= 0.89 * budget:
        rates = spread(demands, budget)
        assert all(rate >= one.least for one, rate in zip(demands, rates, strict=True))


def test_no_other_spread_leaves_less_undetected() -> None:
    demands = [demand(3, least=0.1, most=0.4), demand(50, most=0.5), demand(8, least=0.05)]
    best = undetected(demands, spread(demands, 1))
    steps = [step / 100 for step in range(5, 81)]
    for first, second in product(steps, steps):
        third = 1 - first - second
        if 0.1 <= first <= 0.4 and second <= 0.5 and third >= 0.05:
            assert undetected(demands, (first, second, third)) >= best - 1e-9
