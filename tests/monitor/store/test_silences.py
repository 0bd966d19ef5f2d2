"""Silences and windows of maintenance outlive the process as they were set."""

from datetime import time, timedelta

import pytest

from alerts.maintenance import Party, Scope, Telling, Window, WindowId
from alerts.matcher_syntax import parse_matchers
from alerts.recurrence import Recurrence
from alerts.silence import Silence, SilenceId, expired
from monitor.changes import Changes
from monitor.store import Store
from probes.catalog import ClientId, SystemId
from tests.monitor.store.cast import NOON

HOUR = timedelta(hours=1)
SUNDAYS = Recurrence(zone="Europe/Berlin", begins=time(2), ends=time(4), weekdays=frozenset({6}))
SILENCE = Silence(
    id=SilenceId("11111111-2222-4333-8444-555555555555"),
    matchers=parse_matchers('system=erp, tier!="platinum", client=~"a.*|b", flow!~"x\\n"'),
    starts=NOON,
    ends=NOON + 2 * HOUR,
    by="alba",
    comment="the vendor works on it: “nightly” \x00",
    updated=NOON,
    annotations={"ticket": "OPS-1"},
    recurrence=SUNDAYS,
)
WINDOW = Window(
    id=WindowId("w1"),
    title="ERP upgrade",
    party=Party.VENDOR,
    scope=Scope(systems=frozenset({SystemId("erp")}), clients=frozenset({ClientId("acme")})),
    zone="Europe/Berlin",
    recurrence=SUNDAYS,
    mutes=Telling.NOTICES,
    excluded=False,
    by="alba",
    updated=NOON,
)


@pytest.mark.answers("grafana/grafana#68162")
def test_silences_and_windows_survive_a_restart_and_are_forgotten_by_key(store: Store) -> None:
    store.commit(Changes(silences={SILENCE.id: SILENCE}, windows={WINDOW.id: WINDOW}))
    known = store.load(NOON)
    assert (known.silences, known.windows) == ({SILENCE.id: SILENCE}, {WINDOW.id: WINDOW})
    ended = expired(SILENCE, NOON + HOUR)
    store.commit(Changes(silences={SILENCE.id: ended}, windows={WINDOW.id: None}))
    later = store.load(NOON)
    assert (later.silences, later.windows) == ({SILENCE.id: ended}, {})
