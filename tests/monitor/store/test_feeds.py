"""What is known of systems' upkeep and of lists outlives the process, and goes on where it stopped."""

from datetime import timedelta

from monitor.changes import Changes
from monitor.store import Retention, Store
from probes.catalog import ProbeId, SystemId
from probes.certificate import Certificate
from probes.clock import Skew
from probes.connector import RefusalKind
from probes.detect import Evidence
from probes.feed import Feed, Habit, Hour
from probes.fingerprint import Fingerprint, Trait
from probes.rhythm import Baseline, hour_of
from probes.upkeep import Refusals, Upkeep
from tests.monitor.store.cast import NOON as NOW

BILLING, CHARGES = SystemId("billing"), ProbeId("billing.charges")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)

UPKEEP = Upkeep(
    system=BILLING,
    refusals={"charges": Refusals(kind=RefusalKind.EXPIRED, evidence=Evidence(suspicion=3.9, first_bad=NOW))},
    certificate=Certificate(leaf=NOW + 9 * DAY, earliest=NOW + 2 * DAY, life=90 * DAY, trusted=False),
    clock=Skew(offset=-42 * SECOND, bound=SECOND),
    off=Evidence(suspicion=3.9, first_bad=NOW),
    expires=NOW + 30 * DAY,
)
FEED = Feed(
    probe=CHARGES,
    newest=(NOW - SECOND, NOW),
    moved=NOW,
    seen=NOW,
    number=56,
    hour=Hour(watched=timedelta(minutes=3), moves=2, slots=1),
    expected=1.5,
    emptied=NOW,
    lacking=2,
    surprise=0.5,
    slot=NOW,
    marks=("unread:0011",),
)
HABIT = Habit(
    probe=CHARGES,
    hours={56: Hour(watched=timedelta(hours=1), moves=60, slots=12, empty=1, longest=timedelta(minutes=2))},
    fingerprint=Fingerprint(
        rows=100,
        envelope={"data": Trait(rows=9, present=9, kinds=("array",))},
        read={"amount": Trait(rows=100, present=100, kinds=("number",), odd=2, odd_kind="string", since=NOW)},
        others={"amount": "number"},
        news={"colour": NOW},
    ),
)


def test_what_is_learnt_survives_a_restart_and_is_replaced_by_what_is_learnt_later(store: Store) -> None:
    store.commit(Changes(upkeep={BILLING: UPKEEP}, feeds={CHARGES: FEED}, habits={CHARGES: HABIT}))
    known = store.load(NOW)
    assert known.upkeep == {BILLING: UPKEEP}
    assert known.feeds == {CHARGES: FEED}
    assert known.habits == {CHARGES: HABIT}
    store.commit(Changes(upkeep={BILLING: Upkeep(system=BILLING)}, feeds={CHARGES: Feed(probe=CHARGES)}))
    later = store.load(NOW)
    assert later.upkeep == {BILLING: Upkeep(system=BILLING)}
    assert later.feeds == {CHARGES: Feed(probe=CHARGES)}
    assert later.habits == {CHARGES: HABIT}


def test_a_baseline_that_nobody_went_on_with_for_eight_weeks_is_forgotten_and_a_quiet_one_is_not(store: Store) -> None:
    gone, kept = Baseline(until=hour_of(NOW - 57 * DAY)), Baseline(until=hour_of(NOW - 55 * DAY))
    store.commit(Changes(baselines={"volume/removed/acme": gone, "volume/payments/acme": kept}))
    assert store.prune(NOW, Retention())["baselines"] == 1
    assert store.load(NOW).baselines == {"volume/payments/acme": kept}
