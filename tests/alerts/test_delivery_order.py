"""Who goes first: tiers in their order, room for the heaviest, and nobody held up by who hangs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from alerts.breaker import FAILURES, Circuit
from alerts.delivery_order import (
    PLACES,
    RETRY_PLACES,
    Line,
    Places,
    Waiting,
    by_the_clock,
    chosen,
    next_look,
    passes_over,
)
from alerts.endpoint import STUCK, Endpoint, Limits
from alerts.message import Delivery, DeliveryState, Lane
from alerts.reason import ReasonClass
from probes.catalog import SecretRef
from tests.cast import NOON, SECOND
from tests.trials import examples

PLATINUM, GOLD, SILVER = 10_000, 100, 10
TIERS = (PLATINUM, GOLD, SILVER)
QUICK = Limits(spacing=timedelta(milliseconds=1))
RELAY = Limits(at_once=8, burst=1_000, spacing=timedelta(milliseconds=1))
USUAL = Limits()
CHANNEL = SecretRef("env:DESK")


def waiting(name: str, weight: int = GOLD, attempts: int = 0, lane: Lane = Lane.NORMAL) -> Waiting:
    """Return a message that is due at noon."""
    return Waiting(
        key=name, lane=lane, weight=weight, created=NOON, due=NOON, attempts=attempts, channel=CHANNEL, recipient="desk"
    )


class Town:
    """Endpoints, and one lane of messages for them."""

    def __init__(self, lane: Lane = Lane.NORMAL) -> None:
        self.endpoints: dict[str, Endpoint] = {}
        self.line = Line()
        self.places = Places(lane=lane, weights=TIERS)
        self.under_way: list[tuple[str, Waiting]] = []

    def put(self, endpoint: str, *those: Waiting, limits: Limits = USUAL) -> None:
        """Let messages wait for an endpoint."""
        self.endpoints.setdefault(endpoint, Endpoint(kind="json", limits=limits))
        for one in those:
            self.line.put(endpoint, one)

    def go(self, now: datetime = NOON) -> list[str]:
        """Return the names of those that go now."""
        picked = chosen(self.line, self.places, self.endpoints.__getitem__, now)
        self.under_way += picked
        return [one.key for _, one in picked]

    def end(self, name: str, why: ReasonClass = ReasonClass.ACCEPTED, now: datetime = NOON) -> None:
        """Let one that is under way end."""
        endpoint, one = next(each for each in self.under_way if each[1].key == name)
        self.under_way.remove((endpoint, one))
        there = self.endpoints[endpoint]
        there.ended(one.lane, retry=one.retry)
        there.heard(ended(why, now))
        self.places.took(one, -1)

    def wake(self, now: datetime = NOON) -> datetime | None:
        """Return when more could go."""
        return next_look(self.line, self.places, self.endpoints.__getitem__, now)


def ended(why: ReasonClass, now: datetime = NOON, after: timedelta | None = None) -> Delivery:
    """Return an attempt that ended so."""
    return Delivery(
        key="k",
        attempt=1,
        channel=CHANNEL,
        state=DeliveryState.REJECTED,
        reason="",
        started=now,
        ended=now,
        why=why,
        retry_after=after,
    )


def many(name: str, number: int, weight: int = GOLD, attempts: int = 0) -> list[Waiting]:
    """Return so many messages of one weight."""
    return [waiting(f"{name}-{one:04}", weight, attempts) for one in range(number)]


def test_at_one_relay_every_platinum_notice_goes_before_the_first_gold_one() -> None:
    town = Town()
    town.put("relay", *many("gold", 40), *many("platinum", 40, PLATINUM), limits=RELAY)
    order: list[str] = []
    while gone := town.go():
        order += gone
        for name in gone:
            town.end(name)
    assert order == [*(one.key for one in many("platinum", 40)), *(one.key for one in many("gold", 40))]


def test_gold_elsewhere_waits_for_platinum_at_a_busy_endpoint_that_takes_messages() -> None:
    town = Town()
    town.put("busy", *many("platinum", 3, PLATINUM))
    town.put("idle", waiting("gold"))
    assert town.go() == ["platinum-0000", "platinum-0001"]
    town.end("platinum-0000")
    assert town.go() == ["platinum-0002", "gold"]


def test_gold_waits_no_longer_once_the_endpoint_of_platinum_is_stuck() -> None:
    town = Town()
    town.put("hung", *many("platinum", 3, PLATINUM))
    town.put("idle", waiting("gold"))
    assert town.go() == ["platinum-0000", "platinum-0001"]
    assert town.wake() == NOON + STUCK
    assert town.go(NOON + STUCK) == ["gold"]


def test_gold_does_not_wait_for_platinum_at_an_endpoint_that_is_left_alone_or_sent_us_away() -> None:
    for told in ([ended(ReasonClass.UNREACHABLE)] * FAILURES, [ended(ReasonClass.THROTTLED, NOON, 90 * SECOND)]):
        town = Town()
        town.put("away", waiting("platinum", PLATINUM))
        town.put("idle", waiting("gold"))
        for one in told:
            town.endpoints["away"].heard(one)
        assert town.go() == ["gold"]


def test_a_hundred_hung_webhooks_of_gold_clients_leave_places_for_platinum() -> None:
    town = Town()
    for one in many("gold", 200):
        town.put(one.key, one)
    assert len(town.go()) < PLACES[Lane.NORMAL]
    town.put("vip", waiting("platinum", PLATINUM))
    assert town.go(NOON + SECOND) == ["platinum"]


def test_each_tier_leaves_places_to_those_above_it() -> None:
    town = Town()
    free = [town.places.free(weight) for weight in (*TIERS, 0)]
    assert free == sorted(free, reverse=True)
    assert free[0] == PLACES[Lane.NORMAL]
    assert free[-1] >= PLACES[Lane.NORMAL] // 2


def test_retries_go_after_first_attempts_and_take_none_of_their_places() -> None:
    town = Town()
    for one in many("again", 100, PLATINUM, attempts=1):
        town.put(one.key, one)
    town.put("relay", *many("gold", 30), limits=RELAY)
    gone = town.go()
    firsts = [name for name in gone if name.startswith("gold")]
    assert gone[: len(firsts)] == firsts
    assert len(firsts) == RELAY.at_once * 3 // 4
    assert len(gone) - len(firsts) == RETRY_PLACES[Lane.NORMAL]


def test_at_a_relay_retries_have_a_place_of_their_own_and_no_other() -> None:
    town = Town()
    town.put("relay", *many("again", 9, PLATINUM, attempts=3), *many("gold", 30), limits=RELAY)
    gone = town.go()
    assert [name.partition("-")[0] for name in gone] == ["gold"] * 6 + ["again"] * 2
    town.end("again-0000")
    assert town.go() == ["again-0002"]


def test_where_an_endpoint_takes_two_at_once_a_retry_waits_for_first_attempts() -> None:
    town = Town()
    town.put("desk", waiting("again", PLATINUM, 1), *many("gold", 2))
    assert town.go() == ["gold-0000", "gold-0001"]
    town.end("gold-0000")
    town.end("gold-0001")
    assert town.go() == ["again"]


def test_a_pace_lets_a_burst_go_and_then_one_at_a_time() -> None:
    town, slow = Town(), Limits(at_once=100, burst=3, spacing=SECOND)
    town.put("slow", *many("gold", 9), limits=slow)
    assert len(town.go()) == 3
    assert town.wake() == NOON + SECOND
    assert len(town.go(NOON + SECOND)) == 1
    assert len(town.go(NOON + 3 * SECOND)) == 2


def test_a_page_waits_for_no_pace_and_for_nobody_who_was_sent_away() -> None:
    town, slow = Town(Lane.URGENT), Limits(at_once=100, burst=3, spacing=SECOND)
    town.put("slow", *(waiting(f"page-{one}", lane=Lane.URGENT) for one in range(9)), limits=slow)
    town.endpoints["slow"].heard(ended(ReasonClass.THROTTLED, NOON, 90 * SECOND))
    assert len(town.go()) == 9


def test_an_endpoint_that_sends_us_away_is_left_alone_until_then() -> None:
    town = Town()
    town.put("desk", *many("gold", 5))
    town.endpoints["desk"].heard(ended(ReasonClass.THROTTLED, NOON, 90 * SECOND))
    assert town.go() == []
    assert town.wake() == NOON + 90 * SECOND
    assert len(town.go(NOON + 90 * SECOND)) == 2


def test_one_that_throttles_without_a_word_is_spared_for_ever_longer() -> None:
    there = Endpoint(kind="json")
    spared = []
    for _ in range(4):
        there.heard(ended(ReasonClass.THROTTLED))
        spared.append((there.free_at(Lane.NORMAL, NOON) - NOON).total_seconds())
    assert spared == [1, 2, 4, 8]


def test_a_half_open_endpoint_is_tried_with_one_message_alone() -> None:
    town = Town()
    town.put("relay", *many("gold", 9), limits=RELAY)
    for _ in range(FAILURES):
        town.endpoints["relay"].heard(ended(ReasonClass.NO_ANSWER))
    assert town.go() == []
    at = town.wake()
    assert at is not None
    assert town.go(at) == ["gold-0000"]
    assert town.go(at + SECOND) == []
    town.end("gold-0000", ReasonClass.ACCEPTED, at + SECOND)
    assert len(town.go(at + SECOND)) == 6


def test_what_is_held_until_an_instant_goes_then() -> None:
    town = Town()
    town.put("desk", replace(waiting("gold"), due=NOON + SECOND))
    assert town.go() == []
    assert town.wake() == NOON + SECOND
    assert town.go(NOON + SECOND) == ["gold"]


def test_a_page_goes_on_from_a_channel_that_is_left_alone_unless_all_of_them_are() -> None:
    pager, phone = SecretRef("env:PAGER"), SecretRef("env:PHONE")
    circuits = {pager: Circuit.OPEN, phone: Circuit.CLOSED}
    assert passes_over((pager, phone), pager, circuits.__getitem__)
    assert not passes_over((pager, phone), phone, circuits.__getitem__)
    assert not passes_over((pager,), pager, circuits.__getitem__)
    circuits[phone] = Circuit.OPEN
    assert not passes_over((pager, phone), pager, circuits.__getitem__)


WAITING = st.lists(
    st.tuples(st.sampled_from(TIERS), st.integers(0, 2), st.sampled_from(["a", "b", "c", "d"])), max_size=60
)


def begun(order: Iterable[str], weights: Sequence[int]) -> list[int]:
    """Return the weights of those that went, in their order."""
    return [weights[int(name)] for name in order]


@examples(usual=60, full=2000)
@given(WAITING, st.randoms(use_true_random=False))
def test_whatever_ends_when_no_lighter_first_attempt_passes_a_heavier_one_and_all_go(
    those: list[tuple[int, int, str]], ends: Random
) -> None:
    town, order = Town(), list[str]()
    firsts = {str(number) for number, one in enumerate(those) if one[1] == 0}
    for number, (weight, attempts, endpoint) in enumerate(those):
        town.put(endpoint, waiting(str(number), weight, attempts), limits=RELAY if endpoint == "d" else QUICK)
    now = NOON
    while len(order) < len(those):
        order += town.go(now)
        assert all(there.first.total() <= there.limits.at_once for there in town.endpoints.values())
        if town.under_way:
            town.end(ends.choice(town.under_way)[1].key, now=now)
        now += timedelta(milliseconds=5)
    weights = begun([name for name in order if name in firsts], [one[0] for one in those])
    assert weights == sorted(weights, reverse=True)


def test_a_clock_that_was_put_back_neither_holds_a_message_nor_repeats_a_failure_at_once() -> None:
    back, soon = NOON - timedelta(hours=1), NOON - timedelta(hours=1) + 4 * SECOND
    assert by_the_clock(waiting("new"), back).due == back
    assert by_the_clock(replace(waiting("held"), due=NOON + 9 * SECOND), back).due == back + 9 * SECOND
    tried = waiting("tried", attempts=1)
    assert by_the_clock(replace(tried, due=soon), back).due == soon
    assert by_the_clock(tried, back).due == back
    assert by_the_clock(tried, NOON) == tried
