"""What is kept from pass to pass of what keeps messages back changes nothing that is decided."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.alert import Alert, AlertState
from alerts.maintenance import Scope, WindowId
from alerts.settled import Settled
from alerts.silence import SilenceId
from probes.catalog import ClientId
from tests.alerts.shift import Shift
from tests.alerts.test_quiet import lets_time_pass, shift, silence, window
from tests.cast import ACME, BOREAL, CLIENTS, ERP, NOON, after, late, system_alert
from tests.examples import examples

SILENCES = ("system=erp", "client=acme", "client=boreal", 'alertname=~".+"')
MOVES = st.one_of(
    st.tuples(st.just("fires"), st.sampled_from((ACME, BOREAL, ERP))),
    st.tuples(st.just("ends"), st.sampled_from((ACME, BOREAL, ERP))),
    st.tuples(st.just("silenced"), st.sampled_from(SILENCES)),
    st.tuples(st.just("loud"), st.sampled_from(SILENCES)),
    st.tuples(st.just("waits"), st.just("")),
    st.tuples(st.just("looks"), st.just("")),
)
OVER = Scope(systems=frozenset({ERP}))
STORIES = st.lists(st.tuples(st.integers(1, 25), MOVES), min_size=2, max_size=12)


def windows() -> Shift:
    """Return a shift with a window for half of its time, and one to come."""
    soon = replace(window(OVER), id=WindowId("soon"), starts=after(minutes=70), ends=after(minutes=90))
    return shift(window(OVER, after(minutes=5), after(minutes=40)), soon)


def does(one: Shift, what: str, whom: str, at: datetime) -> None:
    known = one.context.quiet
    if what == "silenced":
        known.silenced.put(silence(whom, at, after(hours=2)))
    elif what == "loud":
        known.silenced.remove(SilenceId(whom))
    elif what == "waits":
        lets_time_pass(one, at)
    elif what == "looks":
        one.sees(at)
    else:
        state = AlertState.FIRING if what == "fires" else AlertState.RESOLVED
        alert = system_alert(ERP, state) if whom == ERP else late(ClientId(whom), state)
        one.sees(at, replace(alert, onset=NOON, since=at))


@settings(max_examples=examples(60, quick=10), deadline=None)
@given(STORIES)
def test_whatever_happens_the_same_is_told_with_it_as_without(story: list[tuple[int, tuple[str, str]]]) -> None:
    plain, kept = windows(), windows()
    kept.context = replace(kept.context, quiet=replace(kept.context.quiet, settled=Settled()))
    minutes = 0
    for later, (what, whom) in story:
        minutes += later
        for one in (plain, kept):
            does(one, what, whom, after(minutes=minutes))
        assert kept.incidents == plain.incidents
        assert [one.key for one in kept.messages] == [one.key for one in plain.messages]


class Counted(dict[str, Alert]):
    """Alerts that count how often one was asked for."""

    asked = 0

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401 - as dict has it
        """Return an alert, and count."""
        self.asked += 1
        return super().get(key, default)


def test_what_keeps_an_incident_quiet_is_worked_out_once_and_again_where_it_changes() -> None:
    storm = shift(window(OVER))
    storm.sees(NOON, *(late(client) for client in CLIENTS))
    alerts = Counted(storm.alerts)
    quiet = replace(storm.context.quiet, alerts=alerts, settled=Settled())

    def asked(at: datetime) -> int:
        alerts.asked = 0
        assert bool(quiet.pages(storm.only, at)) is (at < after(hours=1))
        quiet.notices(storm.only, CLIENTS, at)
        return alerts.asked

    assert asked(after(minutes=1)) > 0
    assert asked(after(minutes=59)) == 0
    quiet.silenced.put(silence("client=acme"))
    assert asked(after(minutes=59)) > 0
    assert asked(after(minutes=60)) > 0, "the window is over"
    assert asked(after(minutes=59)) > 0, "a clock was put back"
