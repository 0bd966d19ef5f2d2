"""Why clients' clocks stand still by agreement: maintenance that is excluded, and contracts that are not in force.

A window stops the clocks of a client where it is about every alert of the incident that hurts the client. What the
clocks then show is for `sla`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from alerts.clocks import PauseCause
from alerts.incident import Incident
from alerts.maintenance import Window, concerns, spells
from alerts.pausing import Cause
from alerts.quiet import Quiet, by_client
from alerts.recurrence import Span
from probes.catalog import ClientId
from probes.contract_state import ContractState, states_between

STILL = frozenset(ContractState) - {ContractState.ACTIVE}
"""With these no clock runs."""


def agreed_causes(quiet: Quiet, incident: Incident, now: datetime) -> Iterator[Cause]:
    """Yield why clocks of hurt clients stand still, or did since the incident began."""
    yield from _contracts(quiet, incident, now)
    begin = min((one.onset for one in incident.impacts.values()), default=now)
    alerts = by_client((key for key in incident.alerts if key in quiet.alerts), quiet.alerts)
    for window in quiet.windows:
        spans = list(spells(window, begin, now)) if window.excluded else []
        if spans:
            whose = (client for client in incident.impacts if concerns(window.scope, client))
            clients = tuple(_covered(quiet, window, alerts, whose))
            yield from (cause for span in spans for cause in _stopped(window, span, clients))


def _covered(
    quiet: Quiet, window: Window, alerts: Mapping[ClientId | None, list[str]], clients: Iterable[ClientId]
) -> Iterator[ClientId]:
    """Yield the clients of which every alert that hurts them is in a window; there may be thousands of both."""
    everybody = alerts.get(None, [])
    if all(quiet.is_about(window, quiet.alerts[key]) for key in everybody):
        for client in clients:
            own = alerts.get(client, [])
            if (own or everybody) and all(quiet.is_about(window, quiet.alerts[key]) for key in own):
                yield client


def _stopped(window: Window, span: Span, clients: Iterable[ClientId]) -> Iterator[Cause]:
    key, why = f"{window.id}@{span.begins:%Y-%m-%dT%H:%M}", f"maintenance: {window.title}"
    for client in clients:
        yield Cause(client=client, cause=PauseCause.MAINTENANCE, key=key, since=span.begins, until=span.ends, why=why)


def _contracts(quiet: Quiet, incident: Incident, now: datetime) -> Iterator[Cause]:
    for client in quiet.bound & incident.impacts.keys():
        known, impact = quiet.catalog.clients[client], incident.impacts[client]
        for state in states_between(known.contract_states, known.timezone, impact.onset, now):
            if state.state in STILL:
                yield Cause(
                    client=client,
                    cause=PauseCause.CONTRACT_STATE,
                    key=f"{state.state}@{state.since:%Y-%m-%d}" if state.since is not None else str(state.state),
                    since=state.since or impact.onset,
                    until=state.until,
                    why=f"the contract of {client} is {state.state}",
                )
