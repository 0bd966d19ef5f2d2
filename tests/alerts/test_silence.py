"""Silences begin, end, recur and change by Alertmanager's rules; the index finds what matching one by one finds."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.matcher import matches
from alerts.matcher_syntax import parse_matchers
from alerts.recurrence import Recurrence
from alerts.silence import (
    Silence,
    SilenceError,
    SilenceId,
    SilenceState,
    expired,
    next_change,
    placed,
    state_of,
    until,
    validated,
)
from alerts.silenced import Silenced
from tests.cast import HOUR, MINUTE, NOON, SECOND, after
from tests.examples import examples

FRESH = SilenceId("fresh")


def silence(matchers: str = "system=erp", identity: str = "one", **changes: object) -> Silence:
    """Return a silence from noon for two hours."""
    known = Silence(
        id=SilenceId(identity),
        matchers=parse_matchers(matchers),
        starts=NOON,
        ends=after(hours=2),
        by="alba",
        comment="the vendor works on it",
        updated=NOON,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def test_a_silence_is_pending_then_active_then_expired() -> None:
    known = silence()
    states = [state_of(known, after(hours=hour)) for hour in (-1, 0, 1, 2, 3)]
    assert states == [
        SilenceState.PENDING,
        SilenceState.ACTIVE,
        SilenceState.ACTIVE,
        SilenceState.EXPIRED,
        SilenceState.EXPIRED,
    ]
    assert [next_change(known, after(hours=hour)) for hour in (-1, 0, 1, 2)] == [NOON, known.ends, known.ends, None]


def test_a_new_silence_gets_an_id_and_does_not_begin_in_the_past() -> None:
    (known,) = placed(silence(identity="", starts=after(hours=-5)), None, FRESH, after(minutes=1))
    assert (known.id, known.starts, known.updated) == (FRESH, after(minutes=1), after(minutes=1))


def test_an_active_silence_is_changed_in_place_where_the_past_stays_as_it_was() -> None:
    known = silence()
    longer = silence(ends=after(hours=5), comment="longer", starts=NOON + timedelta(milliseconds=300))
    assert placed(longer, known, FRESH, after(hours=1)) == (replace(longer, updated=after(hours=1)),)


@pytest.mark.parametrize(
    "changed",
    [silence("system=billing"), silence(starts=NOON + SECOND), silence(starts=after(hours=1.5))],
    ids=["other matchers", "another start", "a start to come"],
)
def test_what_would_change_what_was_silenced_so_far_replaces_the_silence(changed: Silence) -> None:
    now = after(hours=1)
    old, new = placed(changed, silence(), FRESH, now)
    assert (old.id, old.ends, state_of(old, now)) == ("one", now, SilenceState.EXPIRED)
    assert (new.id, new.starts) == (FRESH, max(now, changed.starts))


def test_a_pending_silence_is_changed_in_place_unless_it_would_have_begun() -> None:
    known, now = silence(), after(hours=-1)
    (later,) = placed(silence(starts=after(minutes=30)), known, FRESH, now)
    assert later.id == "one"
    old, new = placed(silence(starts=after(hours=-2)), known, FRESH, now)
    assert (old.starts, old.ends, new.id, new.starts) == (now, now, FRESH, now)


def test_an_expired_silence_is_left_alone_and_a_new_one_begins() -> None:
    now = after(hours=3)
    (new,) = placed(silence(starts=now, ends=after(hours=4)), silence(), FRESH, now)
    assert new.id == FRESH


def test_to_expire_a_silence_twice_is_the_same_as_once() -> None:
    once = expired(silence(), after(hours=1))
    assert expired(once, after(hours=1)) == once
    assert expired(once, after(hours=2)) == once
    never = expired(silence(), after(hours=-1))
    assert (never.starts, never.ends) == (after(hours=-1), after(hours=-1))
    assert state_of(never, after(hours=-1)) is SilenceState.EXPIRED


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (silence(matchers=""), "at least one matcher required"),
        (silence("a=~.*"), "at least one matcher must not match the empty string"),
        (silence('a="",b=~"x?"'), "at least one matcher must not match the empty string"),
        (silence(ends=NOON), "start time must be before end time"),
        (silence(recurrence=Recurrence(zone="Mars/Olympus", begins=time(2), ends=time(4))), "there is no time zone"),
    ],
)
def test_a_silence_that_may_not_be_says_why(wrong: Silence, complaint: str) -> None:
    with pytest.raises(SilenceError, match=complaint):
        validated(wrong, NOON)


def test_a_silence_that_has_ended_already_is_refused() -> None:
    with pytest.raises(SilenceError, match="end time can't be in the past"):
        placed(silence(), None, FRESH, after(hours=2))


@pytest.mark.answers(
    "prometheus/alertmanager#954",
    "prometheus/alertmanager#214",
    "prometheus/alertmanager#517",
    "prometheus/alertmanager#3339",
)
def test_a_silence_recurs_every_sunday_night_also_when_clocks_change() -> None:
    sundays = Recurrence(zone="Europe/Berlin", begins=time(2), ends=time(4), weekdays=frozenset({6}))
    begin = datetime(2026, 3, 1, tzinfo=UTC)
    known = silence(starts=begin, ends=begin + timedelta(days=365), recurrence=sundays)
    assert state_of(known, datetime(2026, 3, 22, 1, 30, tzinfo=UTC)) is SilenceState.ACTIVE
    assert state_of(known, datetime(2026, 3, 23, 1, 30, tzinfo=UTC)) is SilenceState.PENDING
    # 2026-03-29: at 02:00 it is 03:00. The clock shows 04:00 an hour after that.
    assert next_change(known, datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert until(known, datetime(2026, 3, 29, 1, 30, tzinfo=UTC)) == datetime(2026, 3, 29, 2, 0, tzinfo=UTC)
    assert state_of(known, begin + timedelta(days=366)) is SilenceState.EXPIRED


WRITTEN = ("system=erp", "system=~e.*", "system!=erp", "flow=~.+", 'flow="",client=acme', "tier=~gold|silver", "a!~x")
VALUES = st.sampled_from(["erp", "billing", "acme", "gold", "x", ""])
LABELS = st.dictionaries(st.sampled_from(["system", "flow", "client", "tier", "a"]), VALUES, max_size=4)


@settings(max_examples=examples(60))
@given(st.lists(st.tuples(st.sampled_from(WRITTEN), st.booleans()), max_size=8), st.lists(LABELS, max_size=5))
def test_the_index_finds_what_matching_one_by_one_finds(
    changes: list[tuple[str, bool]], several: list[dict[str, str]]
) -> None:
    index, kept = Silenced(), dict[str, Silence]()
    for number, (written, removed) in enumerate(changes):
        known = silence(written, identity=str(number))
        index.put(known)
        kept[known.id] = known
        assert [index.matching(labels) for labels in several] == [_one_by_one(kept, labels) for labels in several]
        if removed:
            index.remove(known.id)
            del kept[known.id]
    assert [index.matching(labels) for labels in several] == [_one_by_one(kept, labels) for labels in several]


def _one_by_one(kept: dict[str, Silence], labels: dict[str, str]) -> tuple[str, ...]:
    return tuple(one.id for one in kept.values() if matches(one.matchers, labels))


def test_the_index_tells_which_silences_are_in_force() -> None:
    index = Silenced([silence(), silence(identity="two", starts=after(hours=1))])
    assert [one.id for one in index.by({"system": "erp"}, NOON + MINUTE)] == ["one"]
    assert [one.id for one in index.by({"system": "erp"}, NOON + HOUR)] == ["one", "two"]
    assert index.by({"system": "crm"}, NOON + HOUR) == ()


def test_many_silences_are_asked_for_many_alerts_without_being_matched_each_time() -> None:
    """Five hundred silences and two thousand alerts: far fewer looks at a silence than there are pairs."""
    half = [silence(f"client=c{number}", identity=f"e{number}") for number in range(250)]
    other = [silence(f"client=~c{number}[05]", identity=f"r{number}") for number in range(250)]
    index = Silenced([*half, *other])
    alerts = [{"alertname": "SyncLatency", "client": f"c{number}"} for number in range(2000)]
    found = [index.matching(labels) for labels in alerts]
    assert sum(map(len, found)) == 250 + 398
    assert len(index._found) == len(alerts)  # so a second read looks at none
