"""Gauges of what keeps messages back, and of who is still owed an end. Read at each scrape.

A window is exposed for each system that it is about, so that a dashboard can show maintenance in place of an outage.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.maintenance import Window, covers_system, current, upcoming
from alerts.silence import SilenceState, state_of
from monitor.situation import Situation
from probes.contract_state import ContractState

WINDOW = ("window", "party")


def quiet_gauges(situation: Situation, now: datetime) -> Iterator[Metric]:
    """Yield silences, windows of maintenance, states of contracts, what is kept back, and debts."""
    yield from _silences(situation, now)
    yield from _windows(situation, now)
    yield from _contracts(situation, now)
    yield from _kept_back(situation)
    yield from _debts(situation, now)


def _silences(situation: Situation, now: datetime) -> Iterator[Metric]:
    family = GaugeMetricFamily("tierwatch_silences", "Silences by their state.", labels=("state",))
    found = Counter(state_of(one, now) for one in situation.silences.values())
    for state in SilenceState:
        family.add_metric([state], found[state])
    yield family


def _windows(situation: Situation, now: datetime) -> Iterator[Metric]:
    text = "Whether a window of maintenance is on, for each system that it is about as a whole."
    on = GaugeMetricFamily("tierwatch_maintenance_active", text, labels=(*WINDOW, "system"))
    text = "When a window of maintenance next begins."
    begins = GaugeMetricFamily("tierwatch_maintenance_next_start_timestamp_seconds", text, labels=WINDOW)
    text = "When a window of maintenance that is on ends, or else the next span of it."
    ends = GaugeMetricFamily("tierwatch_maintenance_end_timestamp_seconds", text, labels=WINDOW)
    for window in situation.maintenance:
        span, coming = current(window, now), upcoming(window, now)
        for system in _systems(window, situation):
            on.add_metric([window.id, window.party, system], float(span is not None))
        if coming is not None:
            begins.add_metric([window.id, window.party], coming.begins.timestamp())
        if (ending := span or coming) is not None:
            ends.add_metric([window.id, window.party], ending.ends.timestamp())
    yield from (family for family in (on, begins, ends) if family.samples)


def _systems(window: Window, situation: Situation) -> list[str]:
    """Return the systems that a window is about; one that is about flows or clients alone has no system."""
    catalog = situation.config.catalog
    return [one for one in catalog.systems if covers_system(window.scope, one, catalog)] or [""]


def _contracts(situation: Situation, now: datetime) -> Iterator[Metric]:
    family = GaugeMetricFamily("tierwatch_contracts", "Clients by the state of their contracts.", labels=("state",))
    quiet = situation.quiet
    found = Counter(quiet.contract(client, now).state for client in situation.config.catalog.clients)
    for state in ContractState:
        family.add_metric([state], found[state])
    yield family


def _kept_back(situation: Situation) -> Iterator[Metric]:
    text = "Open incidents whose page is kept back, and clients of them whose notices are."
    family = GaugeMetricFamily("tierwatch_kept_back", text, labels=("kind",))
    family.add_metric(["page"], sum(bool(one.muted) for one in situation.open_incidents))
    family.add_metric(["notice"], sum(len(one.unnotified) for one in situation.open_incidents))
    yield family


def _debts(situation: Situation, now: datetime) -> Iterator[Metric]:
    text = "Receivers who were told that an incident began and not yet how it ended."
    owed = GaugeMetricFamily("tierwatch_end_debts", text, labels=("kind", "incident"))
    found: Counter[tuple[str, str]] = Counter()
    oldest = now
    for one in situation.incidents.values():
        found.update(("page" if who.client is None else "notice", "open" if one.open else "ended") for who in one.debts)
        if one.resolved is not None and one.debts:
            oldest = min(oldest, one.resolved)
    for kind in ("page", "notice"):
        for state in ("open", "ended"):
            owed.add_metric([kind, state], found[kind, state])
    yield owed
    text = "How long the end of an incident has been owed to somebody for longest."
    age = GaugeMetricFamily("tierwatch_end_debt_oldest_seconds", text)
    age.add_metric([], max(timedelta(), now - oldest).total_seconds())
    yield age
