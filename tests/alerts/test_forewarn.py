"""Clients are told of maintenance: announced, reminded, moved, begun, overrun, over or cancelled, and never dropped."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.concerned import concerned
from alerts.foretold import KEPT, Foretold, PlanState, appointments, outlived
from alerts.forewarn import Plans, next_word, words_due
from alerts.maintenance import Party, Scope, Window, WindowId, current
from alerts.message import Stage
from alerts.recurrence import Recurrence
from probes.catalog import ClientId
from probes.manners import MaintenanceNotice
from tests.cast import ACME, BILLING, CATALOG, CLIENTS, COBALT, DAY, DUNE, ERP, GATEWAY, HOUR, MINUTE, NOON, PAYOUTS

SCHEDULED, REMINDER, MOVED = Stage.SCHEDULED, Stage.REMINDER, Stage.MOVED
BEGUN, OVER, CANCELLED = Stage.IN_PROGRESS, Stage.COMPLETED, Stage.CANCELLED
LEAD = MaintenanceNotice(lead=5 * DAY, remind=DAY)
STARTS = NOON + 10 * DAY
ONCE = Window(
    id=WindowId("upgrade"),
    title="The database moves",
    party=Party.VENDOR,
    scope=Scope(systems=frozenset({ERP})),
    zone="UTC",
    starts=STARTS,
    ends=STARTS + 2 * HOUR,
    text="We move the database.",
)
WEEKLY = replace(
    ONCE,
    id=WindowId("weekly"),
    starts=None,
    ends=None,
    recurrence=Recurrence(zone="Europe/Berlin", begins=time(2), ends=time(4), weekdays=frozenset({6})),
)


@dataclass(slots=True)
class Desk:
    """Tells clients as time passes, keeps what was told, and starts again from that whenever it is asked."""

    window: Window | None
    clients: tuple[ClientId, ...] = (ACME,)
    now: datetime = NOON
    notice: MaintenanceNotice | None = LEAD
    failing: bool = False
    told: list[tuple[Stage, datetime]] = field(default_factory=list)
    kept: dict[str, Foretold] = field(default_factory=dict)
    short: list[Stage] = field(default_factory=list)

    def plans(self) -> Plans:
        """Return the one window as it now is."""
        return Plans(
            windows={self.window.id: self.window} if self.window is not None else {},
            concerned=lambda _: self.clients,
            notice=lambda _: self.notice,
            failing=lambda _window, _client: self.failing,
        )

    def until(self, at: datetime, step: timedelta = HOUR) -> list[Stage]:
        """Let time pass, and return the stages that were told meanwhile."""
        before = len(self.told)
        while self.now <= at:
            self.look()
            self.now += step
        return [stage for stage, _ in self.told[before:]]

    def look(self) -> list[Stage]:
        """Return the stages that are told now."""
        before = len(self.told)
        while due := list(words_due(self.plans(), self.kept.values(), self.now)):
            for word in due:
                self.kept[word.foretold.key] = word.foretold
                self.told.append((word.stage, self.now))
                self.short += [word.stage] if word.short else []
        return [stage for stage, _ in self.told[before:]]

    @property
    def one(self) -> Foretold:
        """The only thing that was told of."""
        (found,) = self.kept.values()
        return found


@pytest.mark.answers("cachethq/cachet#2580", "cachethq/cachet#2782", "cachethq/cachet#3626", "cachethq/cachet#4265")
def test_a_maintenance_is_announced_with_the_lead_time_reminded_begun_and_over_and_stays_on_record() -> None:
    desk = Desk(ONCE)
    assert desk.until(STARTS + 3 * HOUR) == [SCHEDULED, REMINDER, BEGUN, OVER]
    assert [at for _, at in desk.told] == [STARTS - 5 * DAY, STARTS - DAY, STARTS, STARTS + 2 * HOUR]
    (shown,) = appointments(desk.kept.values(), ACME)
    assert (shown.state, shown.sequence, shown.begins) == (PlanState.OVER, 0, STARTS)
    assert desk.short == []


@pytest.mark.answers("cstate/cstate#205")
def test_what_is_planned_has_not_begun_before_its_time() -> None:
    desk = Desk(ONCE)
    desk.until(STARTS - MINUTE)
    before = desk.one.state
    assert current(ONCE, STARTS - MINUTE) is None
    desk.until(STARTS)
    assert (before, desk.one.state) == (PlanState.PLANNED, PlanState.ON)


def test_what_is_announced_late_is_announced_at_once_and_says_so() -> None:
    desk = Desk(ONCE, now=STARTS - DAY)
    assert desk.look() == [SCHEDULED]
    assert desk.short == [SCHEDULED]
    assert desk.until(STARTS) == [BEGUN]
    unannounced = Desk(ONCE, now=STARTS + HOUR)
    assert unannounced.look() == [BEGUN]
    assert unannounced.short == [BEGUN]


def moved(by: timedelta, window: Window = ONCE) -> Window:
    assert window.starts is not None
    assert window.ends is not None
    return replace(window, starts=window.starts + by, ends=window.ends + by)


def test_what_is_moved_twice_and_cancelled_in_the_end_is_told_each_time_with_a_higher_sequence() -> None:
    desk = Desk(ONCE)
    desk.until(STARTS - 4 * DAY)
    desk.window = moved(3 * DAY)
    assert desk.look() == [MOVED]
    assert (desk.one.sequence, desk.one.former) == (1, (STARTS, STARTS + 2 * HOUR))
    desk.window = moved(40 * DAY)
    assert desk.look() == [MOVED]
    assert (desk.one.sequence, desk.one.begins) == (2, STARTS + 40 * DAY)
    desk.window = None
    assert desk.look() == [CANCELLED]
    (shown,) = appointments(desk.kept.values(), ACME)
    assert (shown.state, shown.sequence, shown.begins) == (PlanState.CANCELLED, 3, STARTS + 40 * DAY)
    assert shown.uid == f"maint-{desk.one.number.lower().removeprefix('m-')}"
    assert desk.until(STARTS + 50 * DAY, 6 * HOUR) == []


def test_a_window_that_comes_back_after_it_was_cancelled_is_announced_again_under_its_number() -> None:
    desk = Desk(ONCE)
    desk.until(STARTS - 4 * DAY)
    number = desk.one.number
    desk.window = None
    assert desk.look() == [CANCELLED]
    desk.window = ONCE
    assert desk.look() == [SCHEDULED]
    assert (desk.one.number, desk.one.sequence) == (number, 2)


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        (lambda window: replace(window, ends=window.ends + HOUR), [MOVED]),
        (lambda window: replace(window, ends=window.ends - HOUR), [OVER]),
        (lambda window: replace(window, cancelled=STARTS + HOUR), [OVER]),
        (lambda _: None, [OVER]),
        (lambda window: moved(2 * DAY, window), [MOVED]),
    ],
)
def test_what_has_begun_is_told_that_it_is_longer_shorter_put_off_or_over(
    change: Callable[[Window], Window | None], stages: list[Stage]
) -> None:
    desk = Desk(ONCE)
    desk.until(STARTS + HOUR)
    desk.window = change(ONCE)
    assert desk.look() == stages
    if desk.window is not None:
        desk.until(STARTS + 3 * DAY)
        assert desk.one.stage is OVER


def test_a_maintenance_that_overruns_says_so_once_and_is_over_when_nothing_fails_any_more() -> None:
    desk = Desk(ONCE, failing=True)
    desk.until(STARTS + HOUR)
    assert desk.until(STARTS + 5 * HOUR) == [BEGUN]
    assert desk.one.overran is not None
    desk.failing = False
    assert desk.look() == [OVER]


def test_what_passed_while_nobody_looked_is_told_to_be_over_and_a_reminder_is_not_sent_after_the_fact() -> None:
    desk = Desk(ONCE)
    desk.until(STARTS - 5 * DAY)
    desk.now = STARTS + DAY
    assert desk.look() == [OVER]


def test_whom_it_no_longer_concerns_is_told_that_it_does_not_take_place() -> None:
    desk = Desk(ONCE, clients=(ACME, COBALT))
    assert desk.until(STARTS - 4 * DAY) == [SCHEDULED, SCHEDULED]
    desk.clients = (ACME,)
    assert desk.look() == [CANCELLED]
    assert [one.client for one in desk.kept.values() if not one.open] == [COBALT]


def test_whoever_was_told_is_told_the_end_also_where_its_tier_has_no_lead_any_more_or_nothing_is_announced() -> None:
    desk = Desk(ONCE)
    desk.until(STARTS - 4 * DAY)
    desk.window, desk.notice = replace(ONCE, announce=False), None
    assert desk.until(STARTS + 3 * HOUR) == [BEGUN, OVER]
    assert Desk(ONCE, notice=None).until(STARTS + 3 * HOUR) == []
    assert Desk(replace(ONCE, announce=False)).until(STARTS + 3 * HOUR) == []


@pytest.mark.answers("cachethq/cachet#1176", "cachethq/cachet#674")
def test_each_span_of_a_window_that_recurs_is_announced_for_itself() -> None:
    desk = Desk(WEEKLY)
    stages = desk.until(NOON + 20 * DAY)
    assert stages.count(SCHEDULED) == 4
    assert stages.count(BEGUN) == stages.count(OVER) == 3
    begins = sorted(one.begins for one in desk.kept.values())
    assert [later - earlier for earlier, later in pairwise(begins)] == [7 * DAY] * 3


def test_a_recurrence_that_is_changed_moves_what_was_announced_of_it() -> None:
    desk = Desk(WEEKLY, now=datetime(2026, 3, 5, tzinfo=UTC))
    assert desk.look() == [SCHEDULED]
    assert WEEKLY.recurrence is not None
    monday = replace(WEEKLY.recurrence, weekdays=frozenset({0}))
    desk.window = replace(WEEKLY, recurrence=monday)
    assert desk.look() == [MOVED]
    assert desk.one.begins == datetime(2026, 3, 9, 1, tzinfo=UTC)
    # What is left out of it does not take place, and is not taken for the next one.
    again = Desk(WEEKLY, now=datetime(2026, 3, 5, tzinfo=UTC))
    again.look()
    again.window = replace(WEEKLY, starts=datetime(2026, 3, 10, tzinfo=UTC))
    assert again.look() == [CANCELLED]


def test_a_span_at_the_time_that_another_was_moved_away_from_is_one_of_its_own() -> None:
    desk = Desk(WEEKLY)
    assert desk.look() == [SCHEDULED]
    assert WEEKLY.recurrence is not None
    monday = replace(WEEKLY, recurrence=replace(WEEKLY.recurrence, weekdays=frozenset({0})))
    desk.window = monday
    assert desk.look() == [MOVED]
    desk.window = replace(WEEKLY, recurrence=replace(WEEKLY.recurrence, weekdays=frozenset({6, 0})))
    assert desk.look() == [SCHEDULED]
    assert sorted(one.stage for one in desk.kept.values()) == [MOVED, SCHEDULED]
    assert len({one.number for one in desk.kept.values()}) == 2


@pytest.mark.answers("TwiN/gatus#1274")
def test_on_the_night_in_which_clocks_change_what_is_told_is_what_the_clock_on_the_wall_shows() -> None:
    desk = Desk(WEEKLY, now=datetime(2026, 3, 25, tzinfo=UTC))
    desk.look()
    # Berlin, 2026-03-29: 02:00 does not exist and is 03:00; the hour after it is 04:00.
    assert (desk.one.begins, desk.one.ends) == (
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 2, tzinfo=UTC),
    )
    assert desk.until(datetime(2026, 3, 29, 3, tzinfo=UTC)) == [REMINDER, BEGUN, OVER]


@pytest.mark.answers("cachethq/cachet#3470", "cachethq/cachet#3409")
def test_a_maintenance_concerns_the_clients_whose_systems_or_flows_it_touches_and_nobody_else() -> None:
    def whom(**scope: frozenset[str]) -> set[ClientId]:
        return set(concerned(Scope(**scope), CATALOG))  # type: ignore[arg-type]

    assert whom(systems=frozenset({GATEWAY})) == {COBALT, DUNE}
    assert whom(systems=frozenset({BILLING})) == set(CLIENTS)
    assert whom(flows=frozenset({PAYOUTS.id})) == {COBALT, DUNE}
    assert whom(systems=frozenset({GATEWAY}), clients=frozenset({COBALT, ACME})) == {COBALT}
    assert whom(clients=frozenset({ACME})) == {ACME}
    assert whom() == set(CLIENTS)
    standing = {**CATALOG.systems, BILLING: replace(CATALOG.systems[BILLING], depends_on=(GATEWAY,))}
    assert set(concerned(Scope(systems=frozenset({GATEWAY})), replace(CATALOG, systems=standing))) == set(CLIENTS)


def test_when_a_word_is_due_next_is_known_and_what_is_long_over_is_forgotten() -> None:
    desk = Desk(ONCE)
    desk.until(STARTS - 4 * DAY)
    assert next_word(desk.plans(), desk.kept.values(), desk.now) == STARTS - DAY
    desk.until(STARTS + 3 * HOUR)
    assert next_word(desk.plans(), desk.kept.values(), desk.now) is None
    assert list(outlived(desk.kept, STARTS + KEPT)) == []
    assert list(outlived(desk.kept, STARTS + KEPT + DAY)) == [desk.one.key]


CHANGES = st.one_of(
    st.just("gone"),
    st.just("back"),
    st.just("cancel"),
    st.builds(timedelta, hours=st.integers(-200, 400)),
    st.just("restart"),
)


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.integers(1, 60), CHANGES), max_size=12), recurs=st.booleans())
def test_whoever_was_told_of_a_maintenance_is_told_the_times_it_had_and_its_end_whatever_is_changed_of_it(
    steps: list[tuple[int, object]], *, recurs: bool
) -> None:
    """Every open record always says what its window says, and in the end each has its last word exactly once."""
    desk = Desk(WEEKLY if recurs else ONCE, now=STARTS - 6 * DAY)
    for hours, change in steps:
        desk.now += hours * HOUR
        desk.window = _changed(desk, change, recurs=recurs)
        desk.look()
        assert desk.look() == []
        if not recurs:
            spans = {(one.begins, one.ends) for one in desk.kept.values() if one.open}
            window = desk.window
            assert spans <= ({(window.starts, window.ends)} if window is not None else set())
    desk.window = None
    desk.look()
    for one in desk.kept.values():
        stages = [stage for stage, _ in one.told]
        assert stages[-1].closes
        assert sum(stage.closes for stage in stages) == stages.count(SCHEDULED) + (stages[0] is BEGUN)
        assert [at for _, at in one.told] == sorted(at for _, at in one.told)


def _changed(desk: Desk, change: object, *, recurs: bool) -> Window | None:
    window = desk.window
    if change == "gone":
        return None
    if change == "back" and window is None:
        return WEEKLY if recurs else ONCE
    if window is None or change == "restart":
        return window
    if change == "cancel":
        return replace(window, ends=max(desk.now, STARTS)) if recurs else None
    if isinstance(change, timedelta) and not recurs:
        return moved(change, window)
    return window
