"""When nobody is to be told: silences, maintenance, and contracts that ask for it. Pages and notices, never watching.

A page is kept back where every active alert of its incident is muted, a notice where every alert that hurts its client
is: what covers a part stops nothing of the rest. Word of an end is never kept back. What is kept back is told as soon
as nothing mutes it any more and it still goes on.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from alerts.alert import Alert
from alerts.incident import Incident
from alerts.maintenance import Window, concerns, covers_place, current, upcoming
from alerts.mute import Mute, MuteCause
from alerts.recurrence import Span
from alerts.settled import Grounds, Settled
from alerts.silence import next_change
from alerts.silenced import Silenced
from probes.catalog import Catalog, ClientId
from probes.contract_state import ACTIVE, ContractState, StateNow, state_at

UNPAGED = frozenset({ContractState.TERMINATED})
"""With these we page nobody for what hurts the client alone."""

UNNOTIFIED = frozenset(ContractState) - {ContractState.ACTIVE}
"""Clients with these get no notices."""

BOUND = "clients whose contracts have states"

Mutes = tuple[Mute, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Everything that may keep a message back, and the alerts that messages are about.

    With `settled` what was found is kept from pass to pass; who hands it in sees that it is forgotten in time.
    """

    catalog: Catalog
    alerts: Mapping[str, Alert]
    silenced: Silenced = field(default_factory=Silenced)
    windows: tuple[Window, ...] = ()
    settled: Settled | None = None
    _mutes: dict[datetime, tuple[tuple[Window, Mute], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _places: dict[Hashable, bool] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def bound(self) -> frozenset[ClientId]:
        """The clients whose contracts have states."""
        known = self.catalog.derived.get(BOUND)
        if known is None:
            known = frozenset(one.id for one in self.catalog.clients.values() if one.contract_states)
            self.catalog.derived[BOUND] = known
        bound: frozenset[ClientId] = known
        return bound

    @property
    def anything(self) -> bool:
        """Whether there is anything at all that could keep a message back."""
        return bool(self.silenced or self.windows or self.bound)

    def pages(self, incident: Incident, now: datetime) -> Mutes:
        """Return what keeps the pages of an incident back, () where they are to be sent."""
        if not self.anything:
            return ()
        found = self.found(incident, now)
        if "pages" not in found:
            found["pages"] = self._all(incident.active or incident.alerts.keys(), None, now, pages=True)
        mutes: Mutes = found["pages"]
        return mutes

    def found(self, incident: Incident, now: datetime) -> dict[str, Any]:
        """Return what has been found of an incident and holds at this instant, to be added to."""
        if self.settled is None:
            return {}
        grounds = Grounds(incident=incident, catalog=self.catalog, silences=self.silenced.version, windows=self.windows)
        known = self.settled.found(grounds, now)
        return known if known is not None else self.settled.begin(grounds, now, self.next_change(now))

    def notices(self, incident: Incident, clients: Iterable[ClientId], now: datetime) -> dict[ClientId, Mutes]:
        """Return those of the clients whose notices of an incident are kept back, and by what."""
        if not self.anything:
            return {}
        known: dict[ClientId, Mutes] = self.found(incident, now).setdefault("notices", {})
        wanted = list(clients)
        fresh = [client for client in wanted if client not in known]
        if fresh:
            ended = (key for key in incident.alerts if key in self.alerts)
            concerned = by_client(incident.active, self.alerts), by_client(ended, self.alerts)
            for client in fresh:
                known[client] = self._contract(client, now, UNNOTIFIED) or self._hurting(concerned, client, now)
        return {client: mutes for client in wanted if (mutes := known[client])}

    def of_alert(self, name: str, alert: Alert, client: ClientId | None, now: datetime, *, pages: bool) -> Mutes:
        """Return what keeps pages, or else notices, of an alert back, as far as it hurts a client.

        `name` is the alert's key as text; nothing keeps anything back where () is returned.
        """
        whose = client if client is not None else alert.key.client
        silences = self.silenced.over(self.catalog).mutes(name, alert, client, now)
        windows = self._maintenance(alert, whose, now, pages=pages) if self.windows else ()
        contract = self._contract(whose, now, UNPAGED) if whose is not None else ()
        return (*silences, *windows, *contract)

    def contract(self, client: ClientId, now: datetime) -> StateNow:
        """Return how the contract of a client stands."""
        known = self.catalog.clients.get(client) if client in self.bound else None
        return state_at(known.contract_states, known.timezone, now) if known is not None else StateNow(dated=ACTIVE)

    def next_change(self, now: datetime) -> datetime | None:
        """Return when something that keeps messages back next begins or ends, None where nothing does."""
        return min((at for at in self._changes(now) if at is not None and at > now), default=None)

    def _changes(self, now: datetime) -> Iterator[datetime | None]:
        yield from (next_change(silence, now) for silence in self.silenced)
        for window in self.windows:
            on, coming = current(window, now), upcoming(window, now)
            yield from (on.ends if on is not None else None, coming.begins if coming is not None else None)
        yield from (self.contract(client, now).until for client in self.bound)

    def _hurting(
        self, concerned: Iterable[Mapping[ClientId | None, list[str]]], client: ClientId, now: datetime
    ) -> Mutes:
        for by_client in concerned:
            keys = by_client.get(client, []) + by_client.get(None, [])
            if keys:
                return self._all(keys, client, now, pages=False)
        return ()

    def _all(self, keys: Collection[str], client: ClientId | None, now: datetime, *, pages: bool) -> Mutes:
        """Return the mutes of several alerts, () unless each of them has one."""
        found: dict[tuple[MuteCause, str], Mute] = {}
        for key in keys:
            alert = self.alerts.get(key)
            mutes = self.of_alert(key, alert, client, now, pages=pages) if alert is not None else ()
            if not mutes:
                return ()
            found |= {(one.cause, one.by): one for one in mutes}
        return tuple(found[which] for which in sorted(found))

    def _maintenance(self, alert: Alert, client: ClientId | None, now: datetime, *, pages: bool) -> Mutes:
        found = [
            mute
            for one, mute in self._on(now)
            if (one.mutes.pages if pages else one.mutes.notices)
            and concerns(one.scope, client)
            and self.is_about(one, alert)
        ]
        return tuple(found)

    def _on(self, now: datetime) -> tuple[tuple[Window, Mute], ...]:
        """Return the windows that are on, each with what it does; worked out once for an instant."""
        known = self._mutes.get(now)
        if known is None:
            found = ((one, current(one, now)) for one in self.windows)
            known = self._mutes[now] = tuple((one, _muting(one, span)) for one, span in found if span is not None)
        return known

    def is_about(self, window: Window, alert: Alert) -> bool:
        """Return whether a window is about the place of an alert; of thousands at one place it is worked out once."""
        place = window.id, alert.nodes, alert.system, alert.flow
        if place not in self._places:
            self._places[place] = covers_place(window.scope, alert, self.catalog)
        return self._places[place]

    def _contract(self, client: ClientId, now: datetime, states: frozenset[ContractState]) -> Mutes:
        if client not in self.bound:
            return ()
        known = self.contract(client, now)
        if known.state not in states:
            return ()
        note = f" ({known.dated.note})" if known.dated.note else ""
        why = f"the contract of {client} is {known.state}{note}"
        return (Mute(cause=MuteCause.CONTRACT, by=f"{client}:{known.state}", why=why, until=known.until),)


def _muting(window: Window, span: Span) -> Mute:
    return Mute(cause=MuteCause.MAINTENANCE, by=window.id, why=f"maintenance: {window.title}", until=span.ends)


def by_client(keys: Iterable[str], alerts: Mapping[str, Alert]) -> dict[ClientId | None, list[str]]:
    """Return keys of alerts by the client that each hurts, None where it hurts everybody, or nobody knows it."""
    found: dict[ClientId | None, list[str]] = {}
    for key in keys:
        alert = alerts.get(key)
        found.setdefault(alert.key.client if alert is not None else None, []).append(key)
    return found


LOUD = Quiet(catalog=Catalog(tiers={}, clients={}, systems={}, flows={}), alerts={})
"""Nothing keeps anything back."""
