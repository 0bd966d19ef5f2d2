"""What is silenced, in maintenance or bound by no contract is watched all the same, and told of once it may be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.dues import next_due
from alerts.maintenance import Party, Scope, Telling, Window, WindowId
from alerts.matcher_syntax import parse_matchers
from alerts.message import MessageKind, Stage
from alerts.mute import KeptBack, MuteCause
from alerts.quiet import Quiet
from alerts.recurrence import Recurrence
from alerts.silence import Silence, SilenceId
from alerts.silenced import Silenced
from probes.catalog import Catalog
from probes.contract_state import ContractState, DatedState
from tests.alerts.shift import Shift
from tests.cast import (
    ACME,
    BOREAL,
    CATALOG,
    CLIENTS,
    COBALT,
    CONTEXT,
    ERP,
    HOUR,
    NOON,
    after,
    catalog_of,
    late,
    system_alert,
)
from tests.examples import examples

ONE = after(hours=1)
FIRING, RESOLVED = AlertState.FIRING, AlertState.RESOLVED
TOLD, ENDED = Stage.INVESTIGATING, Stage.RESOLVED


def silence(matchers: str, begin: datetime = NOON, end: datetime = ONE) -> Silence:
    """Return a silence, by default from noon for an hour."""
    return Silence(
        id=SilenceId(matchers),
        matchers=parse_matchers(matchers),
        starts=begin,
        ends=end,
        by="alba",
        comment="they know",
        updated=begin - HOUR,
    )


def window(scope: Scope, begin: datetime = NOON, end: datetime = ONE, **changes: object) -> Window:
    """Return a window of maintenance, by default from noon for an hour."""
    known = Window(
        id=WindowId("upgrade"), title="ERP upgrade", party=Party.VENDOR, scope=scope, zone="UTC", starts=begin, ends=end
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def shift(*quiet: Silence | Window, catalog: Catalog = CATALOG) -> Shift:
    """Return a shift with silences and windows."""
    known = Quiet(
        catalog=catalog,
        alerts={},
        silenced=Silenced(one for one in quiet if isinstance(one, Silence)),
        windows=tuple(one for one in quiet if isinstance(one, Window)),
    )
    return Shift(context=replace(CONTEXT, catalog=catalog, quiet=known))


def lets_time_pass(quiet: Shift, at: datetime) -> None:
    """Let time alone make things due, as the escalation tick does: alerts are those that the shift knows."""
    known = replace(quiet.context.quiet, alerts=quiet.alerts)
    quiet.context = replace(quiet.context, quiet=known)
    quiet.waits(at)


def with_standing(state: ContractState, since: date | None = None) -> Catalog:
    """Return the cast with acme's contract in a state."""
    acme = replace(CLIENTS[ACME], contract_states=(DatedState(state=state, since=since),))
    return catalog_of({**CLIENTS, ACME: acme})


AT_NOON = Recurrence(zone="UTC", begins=time(12), ends=time(13))
ALL_OF_ERP = Scope(systems=frozenset({ERP}))
EVERYTHING: list[Callable[[], Silence | Window]] = [
    lambda: silence("system=erp"),
    lambda: window(ALL_OF_ERP),
    lambda: window(Scope(vendors=frozenset({"erp"}))),
    lambda: window(Scope()),
    lambda: window(
        ALL_OF_ERP, recurrence=Recurrence(zone="UTC", begins=time(12), ends=time(13)), starts=None, ends=None
    ),
]


@pytest.mark.answers("prometheus/alertmanager#3367", "prometheus/alertmanager#2496", "TwiN/gatus#312")
@pytest.mark.parametrize("make", EVERYTHING)
def test_what_goes_on_when_the_quiet_ends_is_told_of_at_once(make: Callable[[], Silence | Window]) -> None:
    quiet = shift(make())
    quiet.sees(after(minutes=1), system_alert(ERP))
    assert quiet.messages == []
    assert quiet.only.muted[0].until == after(hours=1)
    assert set(quiet.only.unnotified) == {ACME, BOREAL, COBALT}
    lets_time_pass(quiet, after(minutes=59))
    assert quiet.messages == []
    assert next_due(quiet.only, quiet.context, after(minutes=59)) == after(hours=1)
    lets_time_pass(quiet, after(hours=1))
    assert quiet.pages() == ["alba"]
    assert [quiet.notices(client) for client in (ACME, BOREAL, COBALT)] == [[TOLD]] * 3
    assert not quiet.only.muted
    assert not quiet.only.unnotified


def test_watching_goes_on_and_what_is_kept_back_is_on_record_once() -> None:
    quiet = shift(silence("system=erp"))
    quiet.sees(after(minutes=1), system_alert(ERP))
    for minute in range(2, 30):
        lets_time_pass(quiet, after(minutes=minute))
    kept = [one for one in quiet.timelines[quiet.only.id] if isinstance(one, KeptBack)]
    assert [(one.pages, set(one.clients)) for one in kept] == [(True, set()), (False, {ACME, BOREAL, COBALT})]
    assert {mute.why for one in kept for mute in one.mutes} == {"silenced by alba: they know"}
    assert set(quiet.only.impacts) >= {ACME, BOREAL, COBALT}


def test_a_silence_that_covers_a_part_stops_nothing_of_the_rest() -> None:
    quiet = shift(silence("client=acme"))
    quiet.sees(after(minutes=1), late(ACME), late(BOREAL))
    assert quiet.pages() == ["alba"]
    assert (quiet.notices(ACME), quiet.notices(BOREAL)) == ([], [TOLD])


def test_of_a_whole_system_a_silence_of_one_tier_mutes_its_clients_alone() -> None:
    quiet = shift(silence("system=erp,tier=platinum"))
    quiet.sees(after(minutes=1), system_alert(ERP))
    assert quiet.pages() == ["alba"]
    assert (quiet.notices(ACME), quiet.notices(COBALT)) == ([], [TOLD])


@pytest.mark.answers("prometheus/alertmanager#226", "prometheus/alertmanager#2805", "grafana/oncall#5450")
def test_who_was_told_is_told_the_end_although_it_ends_under_a_silence() -> None:
    quiet = shift(silence("system=erp", begin=after(minutes=10)))
    quiet.sees(NOON, system_alert(ERP))
    assert (quiet.pages(), quiet.notices(ACME)) == (["alba"], [TOLD])
    lets_time_pass(quiet, after(minutes=12))
    assert quiet.pages() == ["alba"], "the next step is kept back"
    quiet.sees(after(minutes=20), system_alert(ERP, RESOLVED, at=after(minutes=20)))
    assert not quiet.open
    assert (quiet.pages(ENDED), quiet.notices(ACME)) == (["alba"], [TOLD, ENDED])


@pytest.mark.answers("prometheus/alertmanager#2754")
def test_who_was_told_is_told_the_end_although_something_else_explains_it_when_it_ends() -> None:
    loud = shift()
    loud.sees(NOON, late(ACME))
    assert (loud.pages(), loud.notices(ACME)) == (["alba"], [TOLD])
    loud.sees(after(minutes=1), system_alert(ERP))
    loud.sees(after(minutes=9), late(ACME, RESOLVED, at=after(minutes=9)))
    loud.sees(after(minutes=20), system_alert(ERP, RESOLVED, at=after(minutes=20)))
    assert not loud.open
    assert loud.notices(ACME)[-1] is ENDED
    assert set(loud.pages(ENDED)) == set(loud.pages())


def test_what_begins_and_ends_under_a_silence_is_told_to_nobody() -> None:
    quiet = shift(silence("system=erp"))
    quiet.sees(after(minutes=1), system_alert(ERP))
    quiet.sees(after(minutes=20), system_alert(ERP, RESOLVED, at=after(minutes=20)))
    assert not quiet.open
    assert quiet.messages == []


@pytest.mark.answers("roxy-wi/IncidentRelay#40", "keephq/keep#5257", "keephq/keep#5321")
def test_maintenance_keeps_back_everything_while_it_lasts_and_nothing_afterwards() -> None:
    quiet = shift(window(ALL_OF_ERP, end=after(minutes=30)))
    quiet.sees(after(minutes=1), system_alert(ERP))
    for minute in range(2, 30):
        lets_time_pass(quiet, after(minutes=minute))
    assert quiet.messages == [], "not only the first one"
    for minute in range(30, 40):
        lets_time_pass(quiet, after(minutes=minute))
    assert quiet.pages() == ["alba", "carla", "boss"], "and not for ever"


@pytest.mark.parametrize(
    ("mutes", "pages", "notices"),
    [(Telling.PAGES, [], [TOLD]), (Telling.NOTICES, ["alba"], []), (Telling.NOTHING, ["alba"], [TOLD])],
)
def test_a_window_keeps_back_what_it_says(mutes: Telling, pages: list[str], notices: list[Stage]) -> None:
    quiet = shift(window(ALL_OF_ERP, mutes=mutes))
    quiet.sees(after(minutes=1), system_alert(ERP))
    assert (quiet.pages(), quiet.notices(ACME)) == (pages, notices)


def test_a_clients_change_freeze_is_about_that_client_alone() -> None:
    quiet = shift(window(Scope(clients=frozenset({ACME})), party=Party.CLIENT))
    quiet.sees(after(minutes=1), late(ACME))
    assert quiet.messages == []
    quiet.sees(after(minutes=2), late(BOREAL))
    assert quiet.pages() == ["alba"]
    assert (quiet.notices(ACME), quiet.notices(BOREAL)) == ([], [TOLD])


def test_a_flow_is_in_maintenance_with_either_of_its_ends() -> None:
    quiet = shift(window(ALL_OF_ERP))
    quiet.sees(after(minutes=1), late(ACME))
    assert quiet.messages == []


@pytest.mark.answers("TwiN/gatus#1551")
def test_a_run_that_tells_of_itself_is_in_maintenance_with_the_flow_that_it_serves() -> None:
    quiet = shift(window(ALL_OF_ERP))
    missed = replace(late(ACME), key=AlertKey(kind=AlertKind.HEARTBEAT, subject="nightly", client=ACME))
    quiet.sees(after(minutes=1), missed)
    assert quiet.messages == []


@pytest.mark.parametrize(
    ("state", "pages", "notices"),
    [
        (ContractState.ACTIVE, ["alba"], [TOLD]),
        (ContractState.ONBOARDING, ["alba"], []),
        (ContractState.PAUSED, ["alba"], []),
        (ContractState.SUSPENDED, ["alba"], []),
        (ContractState.TERMINATED, [], []),
    ],
)
def test_a_contracts_state_decides_who_is_told(state: ContractState, pages: list[str], notices: list[Stage]) -> None:
    quiet = shift(catalog=with_standing(state))
    quiet.sees(after(minutes=1), late(ACME))
    assert (quiet.pages(), quiet.notices(ACME)) == (pages, notices)


def test_who_has_no_contract_any_more_is_not_counted_as_hurt_and_the_others_are_told() -> None:
    quiet = shift(catalog=with_standing(ContractState.TERMINATED, since=date(2026, 3, 1)))
    quiet.sees(after(minutes=1), system_alert(ERP))
    assert ACME not in quiet.only.impacts
    assert quiet.notices(BOREAL) == [TOLD]


def test_a_client_whose_contract_ends_meanwhile_still_learns_how_it_ended() -> None:
    # acme's day begins in New York at 05:00 UTC.
    acme = replace(CLIENTS[ACME], contract_states=(DatedState(state=ContractState.ACTIVE), *_terminated()))
    quiet = shift(catalog=catalog_of({**CLIENTS, ACME: acme}))
    quiet.sees(NOON, late(ACME))
    later = after(hours=20)
    lets_time_pass(quiet, later)
    assert quiet.only.unnotified[ACME][0].cause is MuteCause.CONTRACT
    quiet.sees(later, late(ACME, RESOLVED, at=later))
    assert quiet.notices(ACME)[-1] is ENDED


def _terminated() -> tuple[DatedState, ...]:
    return (DatedState(state=ContractState.TERMINATED, since=date(2026, 3, 5), note="moved on"),)


MOVES = st.lists(st.tuples(st.sampled_from([ACME, BOREAL, COBALT]), st.booleans()), max_size=8)
SILENCES = st.lists(
    st.tuples(
        st.sampled_from(["client=acme", "tier=gold", "flow=invoices", "system=erp", "client!=acme"]),
        st.integers(0, 40),
        st.integers(1, 40),
    ),
    max_size=3,
)


@settings(max_examples=examples(40), deadline=None)
@given(MOVES, SILENCES)
def test_everybody_who_was_told_of_a_beginning_is_told_the_end(
    moves: list[tuple[str, bool]], silences: list[tuple[str, int, int]]
) -> None:
    """Whatever is silenced when, and in whatever order clients' alerts begin and end."""
    quiet = shift(*(silence(text, after(minutes=at), after(minutes=at + length)) for text, at, length in silences))
    firing: set[str] = set()
    for number, (client, begins) in enumerate(moves):
        at = after(minutes=5 * number)
        lets_time_pass(quiet, at)
        if begins is not (client in firing):
            quiet.sees(at, _moved(client, at, begins=begins))
            firing ^= {client}
    at = after(hours=2)
    quiet.sees(at, *(_moved(client, at, begins=False) for client in sorted(firing)))
    lets_time_pass(quiet, at)
    assert not quiet.open
    for incident in quiet.incidents.values():
        told = {one.recipient for one in quiet.messages if one.incident == incident.id and one.stage is TOLD}
        ended = {one.recipient for one in quiet.messages if one.incident == incident.id and one.stage is ENDED}
        assert told == ended


def _moved(client: str, at: datetime, *, begins: bool) -> Alert:
    return late(CLIENTS[client].id, FIRING if begins else RESOLVED, at=at)  # type: ignore[index]


def test_clocks_stand_still_in_a_window_and_run_from_its_end() -> None:
    quiet = shift(window(ALL_OF_ERP, begin=after(minutes=10), end=after(minutes=40)))
    quiet.sees(NOON, system_alert(ERP))
    lets_time_pass(quiet, after(minutes=15))
    (pause,) = quiet.only.impacts[ACME].clocks.pauses
    assert (pause.since, pause.until, pause.why) == (after(minutes=10), None, "maintenance: ERP upgrade")
    lets_time_pass(quiet, after(minutes=50))
    (pause,) = quiet.only.impacts[ACME].clocks.pauses
    assert (pause.since, pause.until) == (after(minutes=10), after(minutes=40))


def test_a_window_that_excludes_nothing_stops_no_clock() -> None:
    quiet = shift(window(ALL_OF_ERP, excluded=False))
    quiet.sees(after(minutes=1), system_alert(ERP))
    lets_time_pass(quiet, after(minutes=15))
    assert not quiet.only.impacts[ACME].clocks.pauses


def test_clocks_stand_still_while_a_contract_is_paused() -> None:
    since, active = date(2026, 3, 5), DatedState(state=ContractState.ACTIVE)
    acme = replace(CLIENTS[ACME], contract_states=(active, DatedState(state=ContractState.PAUSED, since=since)))
    quiet = shift(catalog=catalog_of({**CLIENTS, ACME: acme}))
    quiet.sees(NOON, late(ACME), late(BOREAL))
    lets_time_pass(quiet, after(hours=20))
    (pause,) = quiet.only.impacts[ACME].clocks.pauses
    assert (pause.since, pause.live) == (datetime(2026, 3, 5, 5, tzinfo=UTC), True)
    assert not quiet.only.impacts[BOREAL].clocks.pauses


def test_nothing_is_kept_back_where_nothing_is_quiet() -> None:
    loud = shift()
    loud.sees(after(minutes=1), system_alert(ERP))
    assert {one.kind for one in loud.messages} == {MessageKind.PAGE, MessageKind.NOTICE}
    assert next_due(loud.only, loud.context, after(minutes=1)) == after(minutes=2, seconds=30)
