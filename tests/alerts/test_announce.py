"""Records that webhooks tell of, and those that none did: any back-filled row means that one was lost."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import TICKETS, AlertKind, AlertState
from alerts.announce import Told
from alerts.assess import assess_time, assess_told, next_judgement
from alerts.weigh import Assessment, Before
from probes.announced import MOST_REMEMBERED, Announcement, Reception, forgotten, reached
from probes.catalog import ProbeId, SecretRef, SystemId, Webhooks
from probes.connector import Connector, Resource
from probes.failure import Outcome
from probes.heartbeat import Absence
from probes.objectives import FailureRatio
from probes.observation import Observation, Record
from probes.sli import IndicatorKey, IndicatorKind
from probes.webhook import Announces, Scheme, Signature, Webhook
from tests.alerts.watch import QUICK, Watch, record
from tests.cast import ACME, BILLING, BOREAL, CATALOG, HOUR, INVOICES, MINUTE, NOON, SECOND, after
from tests.examples import examples

GRACE = 2 * MINUTE
SIGNED = Signature(scheme=Scheme.TOKEN, header="X-Key")
POSTS = Webhook(signature=SIGNED, announces=(Announces(events=("*",), resource=INVOICES.id, record_path=""),))
CONNECTOR = Connector(
    name="cast", resources={INVOICES.id: Resource(name=INVOICES.id, path="/", records_path="")}, webhook=POSTS
)
WEBHOOKS = Webhooks(secret=SecretRef("env:KEY"), grace=GRACE, lost=FailureRatio(below=0.01, over=HOUR))
POSTING = replace(
    CATALOG,
    systems={
        **CATALOG.systems,
        BILLING: replace(CATALOG.systems[BILLING], connector=CONNECTOR, webhooks=WEBHOOKS),
    },
)


@dataclass
class Posted(Watch):
    """A watch that webhooks come to as well."""

    announcements: dict[str, Announcement] = field(default_factory=dict)
    receptions: dict[SystemId, Reception] = field(default_factory=dict)
    fates: list[tuple[str | None, bool]] = field(default_factory=list)

    def tells(self, at: datetime, *records: Record, names: tuple[str, ...] = ()) -> Assessment:
        """Let a webhook tell of records."""
        observation = Observation(
            probe=ProbeId("billing.invoices"),
            system=BILLING,
            resource=INVOICES.id,
            outcome=Outcome.GOOD,
            sent=at,
            answered=at,
            records=records,
        )
        told = Told(observation=observation, fresh=records, names=names)
        assessment = self._take(assess_told(self._before(), [told], at))
        self.receptions[BILLING] = reached(self.receptions.get(BILLING), BILLING, 1, at)
        return assessment

    def back(self, start: datetime, end: datetime) -> None:
        """Let time judge for the first time after an absence."""
        before = replace(self._before(), absence=Absence(start=start, end=end))
        self._take(assess_time(before, {}, end))

    def _before(self) -> Before:
        known = super()._before()
        return replace(known, refused={BILLING: 3}, announcements=self.announcements, receptions=self.receptions)

    def _take(self, assessment: Assessment) -> Assessment:
        self.receptions |= assessment.receptions
        self.fates += [(fate.client, fate.lost) for fate in assessment.fates]
        for key, one in assessment.announcements.items():
            if one is None:
                self.announcements.pop(key, None)
            else:
                self.announcements[key] = one
        return super()._take(assessment)


def a_watch() -> Posted:
    """Return a watch that has had its first webhook at noon."""
    watch = Posted(catalog=POSTING)
    watch.tells(NOON)
    return watch


def totals(watch: Posted, client: object = None) -> tuple[int, int]:
    """Return what came and what was lost."""
    key = IndicatorKey(kind=IndicatorKind.WEBHOOKS_LOST, subject=BILLING, client=ACME if client else None)
    known = watch.indicators.get(str(key))
    return known.tally.totals(after(minutes=10)) if known else (0, 0)


def invoice(key: str, created: datetime, *, failed: bool | None = None) -> Record:
    return record(key, ACME, created, at=BILLING, failed=failed)


def test_what_a_webhook_told_of_is_folded_once_whoever_comes_first() -> None:
    watch = a_watch()
    first, second = invoice("1", after(seconds=1), failed=True), invoice("2", after(seconds=2), failed=False)
    assert watch.tells(after(seconds=3), first).counted == [(ACME, 0, 1)]
    assert watch.looks(BILLING, after(seconds=5), first, second).counted == [(ACME, 1, 0)]
    assert watch.tells(after(seconds=6), first).counted == [], "told again"
    changed = replace(first, failed=False)
    assert watch.tells(after(seconds=7), changed).counted == [(ACME, 1, 0)], "in another state"


def test_a_record_is_announced_whether_its_webhook_comes_before_the_look_or_within_the_grace_after_it() -> None:
    watch = a_watch()
    before, later = invoice("1", after(seconds=1)), invoice("2", after(seconds=2))
    watch.tells(after(seconds=3), before)
    watch.looks(BILLING, after(seconds=5), before, later)
    assert watch.fates == [(ACME, False)]
    watch.tells(after(seconds=90), later)
    watch.waits(after(minutes=5))
    assert watch.fates == [(ACME, False), (ACME, False)]
    assert totals(watch) == totals(watch, ACME) == (2, 0)


def test_an_event_that_names_an_id_alone_announces_its_record_and_leaves_it_to_the_looks() -> None:
    watch, one = a_watch(), invoice("1", after(seconds=1), failed=True)
    assert watch.tells(after(seconds=2), names=(one.id,)).counted == []
    assert watch.looks(BILLING, after(seconds=5), one).counted == [(ACME, 0, 1)]
    assert watch.fates == [(ACME, False)]


def test_what_no_webhook_told_of_is_lost_at_the_end_of_its_grace_and_once() -> None:
    watch, one = a_watch(), invoice("1", after(seconds=1))
    watch.looks(BILLING, after(seconds=5), one)
    assert next_judgement(watch._before(), {}, after(seconds=6)) is not None
    watch.waits(after(seconds=5) + QUICK + GRACE - SECOND)
    assert watch.fates == []
    watch.waits(after(seconds=5) + QUICK + GRACE)
    watch.waits(after(minutes=6))
    watch.tells(after(minutes=7), one)
    watch.looks(BILLING, after(minutes=8), one)
    assert watch.fates == [(ACME, True)], "what comes too late was lost all the same"


def test_lost_webhooks_are_a_ticket_with_its_numbers_and_over_when_they_come_again() -> None:
    assert AlertKind.WEBHOOKS_LOST in TICKETS
    watch = a_watch()
    shown = [invoice(f"{number}", after(seconds=number)) for number in range(1, 7)]
    other = record("o", BOREAL, after(seconds=8), at=BILLING)
    watch.tells(after(seconds=9), *shown[:2])
    watch.looks(BILLING, after(seconds=10), *shown, other)
    watch.waits(after(seconds=11) + GRACE)
    alert = watch.alerts["webhooks_lost/billing"]
    assert alert.state is AlertState.FIRING
    assert alert.explanation == (
        "5 of 7 records that looks at billing showed in 1 h 0 min came without a webhook (71.4 %, allowed 1 %), "
        "2 clients, most of acme (4); the last webhook came at 2026-03-04 12:00:09 UTC; 3 were refused since the start"
    )
    assert alert.onset == shown[2].created
    for number in range(20):
        again = invoice(f"again-{number}", after(minutes=4, seconds=number))
        watch.tells(after(minutes=5), again)
        watch.looks(BILLING, after(minutes=5, seconds=1), again)
    assert watch.state(AlertKind.WEBHOOKS_LOST, BILLING) is AlertState.RESOLVED


def test_a_later_alert_on_lost_webhooks_counts_nothing_of_an_earlier_one() -> None:
    watch = a_watch()
    watch.looks(BILLING, after(seconds=10), *(invoice(f"{number}", after(seconds=9)) for number in range(6)))
    watch.waits(after(seconds=11) + GRACE)
    for number in range(20):
        again = invoice(f"again-{number}", after(minutes=4, seconds=number))
        watch.tells(after(minutes=5), again)
        watch.looks(BILLING, after(minutes=5, seconds=1), again)
    assert watch.state(AlertKind.WEBHOOKS_LOST, BILLING) is AlertState.RESOLVED
    others = (record(f"o{number}", BOREAL, after(minutes=6), at=BILLING) for number in range(5))
    watch.looks(BILLING, after(minutes=6, seconds=1), *others)
    watch.waits(after(minutes=6, seconds=2) + GRACE)
    alert = watch.alerts["webhooks_lost/billing"]
    assert alert.state is AlertState.FIRING
    assert ", all of boreal; the last webhook came at" in alert.explanation


def test_one_lost_webhook_of_many_tells_nobody() -> None:
    watch = a_watch()
    shown = [invoice(f"{number}", after(seconds=1)) for number in range(50)]
    watch.tells(after(seconds=2), *shown[1:])
    watch.looks(BILLING, after(seconds=3), *shown)
    watch.waits(after(minutes=4))
    assert watch.fates.count((ACME, True)) == 1
    assert watch.state(AlertKind.WEBHOOKS_LOST, BILLING) is not AlertState.FIRING


def test_nothing_is_expected_before_the_first_webhook_nor_of_what_was_made_before_it() -> None:
    watch = Posted(catalog=POSTING)
    watch.looks(BILLING, after(seconds=1), invoice("1", NOON))
    watch.tells(after(seconds=2))
    watch.looks(BILLING, after(seconds=3), invoice("2", after(seconds=1)))
    watch.waits(after(minutes=10))
    assert watch.fates == []


def test_what_was_made_while_nobody_could_hear_is_not_held_against_the_vendor() -> None:
    watch = a_watch()
    watch.looks(BILLING, after(seconds=5), invoice("1", after(seconds=1)))
    watch.back(after(seconds=6), after(minutes=30))
    watch.looks(BILLING, after(minutes=31), invoice("2", after(minutes=20)))
    watch.waits(after(minutes=40))
    assert watch.fates == []


def test_a_webhook_says_nothing_of_availability_and_absence_is_no_evidence() -> None:
    watch = a_watch()
    assessment = watch.tells(after(seconds=3), invoice("1", after(seconds=1)))
    assert not [key for key in assessment.indicators if key.startswith("availability")]
    book = watch.books[INVOICES.id]
    assert book.source_covered is None
    assert book.standings()[ACME].unsynced == 1, "it is expected at its destination"


def test_without_webhooks_in_the_configuration_their_alert_ends() -> None:
    watch = a_watch()
    watch.looks(BILLING, after(seconds=10), *(invoice(f"{number}", after(seconds=1)) for number in range(9)))
    watch.waits(after(minutes=3))
    assert watch.state(AlertKind.WEBHOOKS_LOST, BILLING) is AlertState.FIRING
    watch.catalog = CATALOG
    watch.waits(after(minutes=4))
    assert watch.state(AlertKind.WEBHOOKS_LOST, BILLING) is AlertState.RESOLVED
    assert watch.announcements == {}


@settings(max_examples=examples(50))
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 20)), max_size=12))
def test_every_record_has_one_fate_at_most_and_memory_ends(steps: list[tuple[bool, bool, int]]) -> None:
    watch, now = a_watch(), NOON
    for told, shown, number in steps:
        now += 7 * SECOND
        one = invoice(f"{number}", after(seconds=1))
        if told:
            watch.tells(now, one)
        if shown:
            watch.looks(BILLING, now, one)
        watch.waits(now)
    shown_ones = {number for _, shown, number in steps if shown}
    watch.waits(now + GRACE + SECOND)
    assert len(watch.fates) == len(shown_ones)
    watch.waits(now + timedelta(days=1))
    assert watch.announcements == {}


def test_of_too_many_records_the_oldest_are_forgotten() -> None:
    made = [
        Announcement(system=BILLING, resource="charges", record=f"{number}", created=NOON)
        for number in range(MOST_REMEMBERED + 2)
    ]
    known = {one.key: one for one in made}
    assert set(forgotten(known, {BILLING: GRACE}, NOON)) == {made[0].key, made[1].key}
