"""When a client's payment failures are not to be dunned: from the incident that causes them until the client recovers.

Each client has at most one hold at a time. It begins where an incident of ours touches its payments, is renewed while
any such incident goes on hurting it, and ends with its own recovery, not with the incident's; at its longest it ends
all the same. Who is told of it, and in what order, is for `dunning_calls`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.alert import Alert, AlertKind, AlertState, IncidentId
from alerts.impact import Impact
from alerts.incident import Incident
from probes.catalog import Catalog, ClientId, FlowId, SecretRef, SystemId
from probes.connector import FailureKind
from probes.failing import failed_by, tells_of
from probes.observation import Observation

PAYMENT_ALERTS = frozenset(
    {
        AlertKind.FAILURE_RATIO,
        AlertKind.PAYMENTS_FAILED,
        AlertKind.RETRIES_EXHAUSTED,
        AlertKind.DUNNING_FAILED,
        AlertKind.MANDATES_FAILED,
    }
)
"""What touches payments wherever it is. Payers whose cards are declined for good are not among it: that is theirs."""

UNAVAILABLE = frozenset(
    {
        AlertKind.AVAILABILITY,
        AlertKind.BURN_RATE,
        AlertKind.CREDENTIAL,
        AlertKind.ERRORS_INSIDE,
        AlertKind.EGRESS,
        AlertKind.STAGNATION,
        AlertKind.SYNC_LATENCY,
        AlertKind.BATCH_MISSED,
        AlertKind.BATCH_LATE,
        AlertKind.RECORDS_MISSING,
        AlertKind.SILENCE,
    }
)
"""What touches payments where it is about a system that payments go through, or a flow at whose end such a one is."""

PAYMENTS = (
    FailureKind.PAYMENT_FAILED,
    FailureKind.RETRIES_EXHAUSTED,
    FailureKind.DUNNING_EXHAUSTED,
    FailureKind.MANDATE_FAILED,
)
MOST_PAYMENTS = 1000
"""So many failed payments are on record of one hold, each by its id; beyond them none is told apart, nor counted."""


class Release(StrEnum):
    """Why a hold ended."""

    RECOVERED = "recovered"
    LONGEST = "longest"
    GONE = "gone"
    SWITCHED_OFF = "switched_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Who is told of holds: a billing system's address, and the secrets by which it knows that it is us.

    Of several secrets each signs, so that one can be changed without a gap.
    """

    name: str
    url: SecretRef
    secrets: tuple[SecretRef, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningRules:
    """What touches payments, whom to tell, for how long a hold counts until it is renewed, and how long one may be.

    `systems` are those that payments go through.
    """

    targets: tuple[Target, ...] = ()
    kinds: frozenset[AlertKind] = PAYMENT_ALERTS
    systems: frozenset[SystemId] = frozenset()
    lasts: timedelta = timedelta(hours=2)
    longest: timedelta = timedelta(days=3)

    @property
    def references(self) -> tuple[SecretRef, ...]:
        """Every secret that telling of holds needs."""
        return tuple(ref for one in self.targets for ref in (one.url, *one.secrets))


NO_DUNNING = DunningRules()
"""Nobody's payments are held back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPayment:
    """A record that a system's list shows as a failed payment, and when it failed."""

    system: SystemId
    id: str
    at: datetime


class Call(StrEnum):
    """What a billing system is told."""

    HOLD = "dunning.hold"
    RELEASE = "dunning.release"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one target was last told of a hold. `pending` is the message's key while it is under way.

    `accepted` is when it was taken, `tries` counts messages, `at` is when the last of them was written.
    """

    target: Target
    call: Call
    sequence: int
    at: datetime
    pending: str = ""
    accepted: datetime | None = None
    tries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DunningHold:
    """The time for which a client's payment failures are held, the `number`-th of that client, and why.

    `affected` is since when it is hurt by the incidents, `since` from when it is held, `expires` when that ends unless
    it is renewed. `recovered` is when the client's own backlog had drained. `payments` are failed ones that fell into
    it, at most a thousand by their ids, `failed` how many were seen until then. `sequence` counts its calls.
    """

    client: ClientId
    number: int
    affected: datetime
    since: datetime
    expires: datetime
    incidents: tuple[IncidentId, ...]
    sequence: int = 1
    released: datetime | None = None
    why: Release | None = None
    recovered: datetime | None = None
    payments: tuple[FailedPayment, ...] = ()
    failed: int = 0
    said: Mapping[str, Said] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """By which it is kept."""
        return f"{self.client}/{self.number}"

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.released is None


def payment_systems(catalog: Catalog) -> frozenset[SystemId]:
    """Return the systems whose lists tell of failed payments, by their definitions: billing systems and gateways."""
    return frozenset(
        system.id
        for system in catalog.systems.values()
        if any(not tells_of(one).isdisjoint(PAYMENTS) for one in system.connector.resources.values())
    )


def touches(alert: Alert, rules: DunningRules, catalog: Catalog) -> bool:
    """Return whether a firing alert touches payments; what cannot be seen is no evidence that any failed."""
    if alert.state is not AlertState.FIRING:
        return False
    return alert.key.kind in rules.kinds or (alert.key.kind in UNAVAILABLE and _of_payments(alert, rules, catalog))


def _of_payments(alert: Alert, rules: DunningRules, catalog: Catalog) -> bool:
    if alert.key.kind is AlertKind.EGRESS or (alert.system is not None and alert.system in rules.systems):
        return True
    flow = catalog.flows.get(FlowId(alert.flow)) if alert.flow is not None else None
    return flow is not None and not rules.systems.isdisjoint(end.system for end in flow.ends)


def touched(
    incidents: Iterable[Incident], alerts: Mapping[str, Alert], rules: DunningRules, catalog: Catalog
) -> dict[ClientId, list[Incident]]:
    """Return the clients whose payments open incidents touch, with these incidents."""
    found: dict[ClientId, list[Incident]] = {}
    for incident in incidents:
        if not incident.open:
            continue
        active = (alerts[key] for key in incident.active if key in alerts)
        whose = {alert.key.client for alert in active if touches(alert, rules, catalog)}
        for client, impact in incident.impacts.items():
            if impact.recovered is None and not whose.isdisjoint({None, client}):
                found.setdefault(client, []).append(incident)
    return found


def guarded(
    holds: Iterable[DunningHold],
    touching: Mapping[ClientId, list[Incident]],
    known: Mapping[IncidentId, Incident],
    standing: tuple[DunningRules, Catalog],
    now: datetime,
) -> Iterator[DunningHold]:
    """Yield every hold that begins, is renewed, goes on with another incident, or ends."""
    rules, catalog = standing
    last: dict[ClientId, DunningHold] = {}
    for hold in holds:
        if hold.client not in last or last[hold.client].number < hold.number:
            last[hold.client] = hold
    for client, hold in last.items():
        if hold.open:
            after = _goes_on(hold, touching.get(client, []), known, standing, now)
            if after != hold:
                yield after
    if rules.targets:
        for client, incidents in touching.items():
            before = last.get(client)
            if client in catalog.clients and (before is None or _may_begin(before, incidents, known)):
                yield _begun(client, incidents, before, rules, now)


def _may_begin(before: DunningHold, incidents: list[Incident], known: Mapping[IncidentId, Incident]) -> bool:
    """One that was as long as may be does not begin anew by what it was about."""
    if before.open:
        return False
    if before.why is not Release.LONGEST:
        return True
    goes_on = {incident.id for incident in _hurting(before, known)}
    return any(one.id not in goes_on for one in incidents)


def _begun(
    client: ClientId, incidents: list[Incident], before: DunningHold | None, rules: DunningRules, now: datetime
) -> DunningHold:
    return DunningHold(
        client=client,
        number=before.number + 1 if before is not None else 1,
        affected=min(one.impacts[client].onset for one in incidents),
        since=now,
        expires=now + min(rules.lasts, rules.longest),
        incidents=tuple(one.id for one in incidents),
    )


def _goes_on(
    hold: DunningHold,
    touching: list[Incident],
    known: Mapping[IncidentId, Incident],
    standing: tuple[DunningRules, Catalog],
    now: datetime,
) -> DunningHold:
    rules, catalog = standing
    hurting = _hurting(hold, known)
    names = (*hold.incidents, *(one.id for one in (*hurting, *touching)))
    hold = replace(hold, incidents=tuple(dict.fromkeys(names)))
    if hold.client not in catalog.clients:
        return _released(hold, Release.GONE, now)
    if not rules.targets:
        return _released(hold, Release.SWITCHED_OFF, now)
    if not hurting and not touching:
        return _released(replace(hold, recovered=_recovered(hold, known, now)), Release.RECOVERED, now)
    end = hold.since + rules.longest
    if now >= end:
        return _released(hold, Release.LONGEST, now)
    if now >= hold.expires - rules.lasts / 2 and hold.expires < end:
        return replace(hold, expires=min(now + rules.lasts, end), sequence=hold.sequence + 1)
    return hold


def _released(hold: DunningHold, why: Release, now: datetime) -> DunningHold:
    return replace(hold, released=now, why=why, sequence=hold.sequence + 1)


def _hurting(hold: DunningHold, known: Mapping[IncidentId, Incident]) -> list[Incident]:
    """The incidents of a hold that still hurt its client, where they have been merged or split those that have it."""
    found = (_heir(known.get(one), hold.client, known) for one in hold.incidents)
    return [one for one in found if one is not None and _hurts(one, hold.client)]


def _heir(one: Incident | None, client: ClientId, known: Mapping[IncidentId, Incident]) -> Incident | None:
    seen = set[IncidentId]()
    while one is not None and one.id not in seen:
        seen.add(one.id)
        heir = one.heir(client)
        if heir is None or heir not in known:
            return one
        one = known[heir]
    return one


def _hurts(incident: Incident, client: ClientId) -> bool:
    impact = incident.impacts.get(client)
    return impact is not None and impact.recovered is None


def _recovered(hold: DunningHold, known: Mapping[IncidentId, Incident], now: datetime) -> datetime:
    """Return when the last of the incidents stopped hurting the client, by the data."""
    heirs = (_heir(known.get(one), hold.client, known) for one in hold.incidents)
    impacts: Iterable[Impact | None] = (one.impacts.get(hold.client) for one in heirs if one is not None)
    ends = [one.recovered for one in impacts if one is not None and one.recovered is not None]
    return max(ends, default=now)


def failed_payments(
    observation: Observation, rules: DunningRules, catalog: Catalog
) -> Iterator[tuple[ClientId, FailedPayment]]:
    """Yield the failed payments that a look at a system that payments go through shows, with whose they are."""
    if observation.system not in rules.systems:
        return
    for record in observation.records:
        client = catalog.client_in(observation.system, record.client)
        if client is not None and record.settled and any(failed_by(record, kind) for kind in PAYMENTS):
            yield client, FailedPayment(system=observation.system, id=record.id, at=record.happened)


def with_payments(hold: DunningHold, seen: Iterable[FailedPayment]) -> DunningHold:
    """Return a hold with the payments that failed while its client was hurt, each once."""
    have = {(one.system, one.id) for one in hold.payments}
    end = hold.recovered or hold.released
    fresh = {
        (one.system, one.id): one
        for one in seen
        if one.at >= hold.affected and (end is None or one.at <= end) and (one.system, one.id) not in have
    }
    if not fresh or len(hold.payments) >= MOST_PAYMENTS:
        return hold
    payments = sorted((*hold.payments, *fresh.values()), key=lambda one: (one.at, one.id))[:MOST_PAYMENTS]
    return replace(hold, payments=tuple(payments), failed=hold.failed + len(fresh))
