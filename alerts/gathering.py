"""Which incidents alerts come to: open ones that they join, ones that are reopened, new ones; and which become one.

Where they belong is for `correlate`, what explains what for `causes`; here that becomes events on timelines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.alert import UNSEEING, Alert, AlertState, IncidentId, attached
from alerts.causes import Live, declared_at, is_shared, live, name_of, reach
from alerts.concern import is_throttled
from alerts.correlate import Group, grouped
from alerts.draft import Context, Draft, Evaluated
from alerts.evaluate import span
from alerts.failures import last_failure
from alerts.fold import opened
from alerts.incident import MOST_REFERENCES, Incident
from alerts.merging import Saying, merge
from alerts.reopening import reopen
from alerts.timeline import AlertsJoined, CauseFound, EvidenceAdded, Opened, Reopened, ReopenReason
from alerts.unseen import calls, waiting

STILL_THERE = timedelta(minutes=15)
"""After how long an alert that outlives an incident resolved by hand makes it an incident again."""


@dataclass(slots=True)
class Gathering:
    """What a pass has gathered so far: drafts of incidents, and alerts that are part of one now.

    `number` is that of the next new incident, `places` are those that fail themselves.
    """

    evaluated: Evaluated
    incidents: Mapping[IncidentId, Incident]
    context: Context
    number: int
    now: datetime
    drafts: dict[IncidentId, Draft] = field(default_factory=dict)
    joined: dict[str, Alert] = field(default_factory=dict)
    places: Live = field(default_factory=dict)
    _ended: list[Incident] | None = None

    def draft(self, identity: IncidentId) -> Draft:
        """Return an incident's draft, a new one where it has none yet."""
        if identity not in self.drafts:
            self.drafts[identity] = Draft(incident=self.incidents[identity])
        return self.drafts[identity]

    def home(self, alert: Alert) -> Incident | None:
        """Return the incident of an alert as it now is, None where it has none."""
        if alert.incident is None:
            return None
        draft = self.drafts.get(alert.incident)
        return draft.incident if draft is not None else self.incidents.get(alert.incident)

    def just_ended(self) -> list[Incident]:
        """Return the incidents that ended so recently that what comes back reopens them."""
        if self._ended is None:
            within = self.context.recurrence
            over = (one for one in self.incidents.values() if one.resolved is not None and one.merged is None)
            self._ended = [one for one in over if one.resolved is not None and self.now - one.resolved <= within]
        return self._ended

    def current(self) -> Iterator[Incident]:
        """Yield the open incidents as they now are."""
        for identity, draft in self.drafts.items():
            if draft.incident.open and identity not in self.incidents:
                yield draft.incident
        for identity, incident in self.incidents.items():
            one = self.drafts[identity].incident if identity in self.drafts else incident
            if one.open:
                yield one

    def reached(self, nodes: frozenset[str]) -> frozenset[str]:
        """Return places with those above them that fail themselves."""
        return reach(self.context.catalog, self.places, nodes)


def gather(gathering: Gathering) -> None:
    """Bring alerts that have become active to their incidents, and make one of incidents that have one cause."""
    evaluated = gathering.evaluated
    catalog = gathering.context.catalog
    unseen = waiting(evaluated.alerts.values(), catalog)
    begun = {alert.key: alert for alert in (*_strays(gathering), *unseen, *evaluated.moved)}
    calling = [alert for alert in begun.values() if calls(alert, catalog, gathering.now)]
    if not calling and not any(alert.active for alert in evaluated.moved):
        return
    gathering.places = live(evaluated.alerts, evaluated.indicator, gathering.context.catalog)
    for group in grouped(calling, gathering.incidents.values(), gathering.reached):
        _take(gathering, group)
    _unite(gathering)
    _add_evidence(gathering)


def _take(gathering: Gathering, group: Group) -> None:
    """Let a group of alerts join its incident: one that is open, one that is reopened for them, or a new one."""
    identity = group.incident or _recurring(gathering, group)
    if identity is None:
        identity = IncidentId(f"INC-{gathering.number}")
        gathering.number += 1
        gathering.drafts[identity] = _begin(group, identity, gathering.now)
    draft = gathering.draft(identity)
    _find_cause(gathering, draft, group.nodes)
    # The same in every process, and the oldest first: what was moved comes out of sets.
    alerts = sorted(group.alerts, key=lambda alert: (alert.onset, str(alert.key)))
    sentences = {str(alert.key): alert.explanation for alert in alerts}
    throttled = frozenset(str(alert.key) for alert in group.alerts if is_throttled(alert))
    shown = tuple(dict.fromkeys(one for alert in group.alerts for one in alert.references))[:MOST_REFERENCES]
    joined = AlertsJoined(at=gathering.now, alerts=sentences, nodes=group.nodes, throttled=throttled, references=shown)
    draft.add(joined)
    gathering.joined |= {str(alert.key): attached(alert, identity) for alert in group.alerts}


def _begin(group: Group, identity: IncidentId, now: datetime) -> Draft:
    onset = min(alert.onset for alert in group.alerts)
    blind = all(alert.state is AlertState.BLIND or alert.key.kind in UNSEEING for alert in group.alerts)
    event = Opened(at=now, onset=onset, nodes=group.nodes, blind=blind)
    return Draft(incident=opened(identity, event), events=[event])


def _recurring(gathering: Gathering, group: Group) -> IncidentId | None:
    """Return the incident that has ended within the window and that these alerts reopen, None where none has."""
    now = gathering.now
    found = [
        one
        for one in gathering.just_ended()
        if one.id not in gathering.drafts
        and (one.nodes & group.nodes or any(str(alert.key) in one.alerts for alert in group.alerts))
    ]
    last = max(found, key=lambda one: (one.resolved or now, one.id), default=None)
    if last is None or last.resolved is None:
        return None
    why = f"what had ended came back after {span(now - last.resolved)}: {group.alerts[0].explanation}"
    event = Reopened(at=now, reason=ReopenReason.RECURRED, why=why)
    for alert in reopen(gathering.draft(last.id), event, gathering.evaluated.alerts):
        if _goes_on(alert, last.resolved, gathering.evaluated):
            # What somebody's word did not end counts again with what came back.
            gathering.joined[str(alert.key)] = alert
    return last.id


def _find_cause(gathering: Gathering, draft: Draft, nodes: frozenset[str]) -> None:
    """Move an incident to the place above it that explains it together with what joins it."""
    incident = draft.incident
    common = gathering.reached(incident.nodes) & nodes
    if common and not common & incident.nodes:
        why = "; ".join(_why(gathering, node) for node in sorted(common))
        draft.add(CauseFound(at=gathering.now, nodes=common, why=why))


def _why(gathering: Gathering, node: str) -> str:
    keys = sorted(gathering.places.get(node, ()))
    said = gathering.evaluated.alerts
    if is_shared(node):
        subjects = ", ".join(said[key].key.subject for key in keys if key in said)
        return f"{name_of(node)} fails, seen at {subjects}"
    return next((said[key].explanation for key in keys if key in said), f"{name_of(node)} fails")


def _unite(gathering: Gathering) -> None:
    """Make one incident of those that a place explains that fails itself: late evidence of it joins what it caused."""
    if not gathering.places:
        return
    below: dict[str, list[Incident]] = {}
    for one in gathering.current():
        for node in gathering.reached(one.nodes) & gathering.places.keys():
            below.setdefault(node, []).append(one)
    gone: set[IncidentId] = set()
    # From the narrowest up: what a system explains is its own before it is its vendor's.
    for node in sorted(below, key=lambda node: (is_shared(node), node)):
        here = [one for one in below[node] if one.id not in gone]
        if len(here) > 1:
            gone.update(_merge_at(gathering, node, here))


def _merge_at(gathering: Gathering, node: str, here: list[Incident]) -> Iterator[IncidentId]:
    first, *others = sorted(here, key=lambda one: (node not in one.nodes, one.opened, one.id))
    survivor = gathering.draft(first.id)
    if node not in survivor.incident.nodes:
        survivor.add(CauseFound(at=gathering.now, nodes=frozenset({node}), why=_why(gathering, node)))
    for other in others:
        if first.id in other.apart or other.id in first.apart:
            continue
        why = f"both have one cause, {name_of(node)}: {_why(gathering, node)}"
        draft = gathering.draft(other.id)
        keys = sorted(draft.incident.alerts)
        merge(survivor, draft, Saying(why=why, at=gathering.now))
        now_there = ((key, gathering.joined.get(key) or gathering.evaluated.alerts.get(key)) for key in keys)
        gathering.joined |= {key: attached(alert, first.id) for key, alert in now_there if alert is not None}
        yield other.id


def _add_evidence(gathering: Gathering) -> None:
    """Add what vendors' status pages declare to the incidents that it bears on."""
    catalog = gathering.context.catalog
    if not catalog.evidence:
        return
    for one in [*gathering.current()]:
        said = declared_at(gathering.evaluated.alerts, catalog, one.nodes)
        fresh = {key: text for key, text in said.items() if key not in one.evidence}
        if fresh:
            gathering.draft(one.id).add(EvidenceAdded(at=gathering.now, evidence=fresh))


def _strays(gathering: Gathering) -> Iterator[Alert]:
    """Yield the alerts that go on although somebody ended their incident a while ago: the fault is still there."""
    incidents, now = gathering.incidents, gathering.now
    for alert in gathering.evaluated.alerts.values():
        incident = incidents.get(alert.incident) if alert.active and alert.incident else None
        ended = incident.resolved if incident is not None else None
        if ended is not None and now - ended >= STILL_THERE and _goes_on(alert, ended, gathering.evaluated):
            yield alert


def _goes_on(alert: Alert, ended: datetime, evaluated: Evaluated) -> bool:
    """Whether there was anything new since the incident ended: a limit stays exceeded until its window has passed."""
    key = last_failure(alert.key)
    known = evaluated.indicator(key) if key is not None else None
    last = known.evidence.last_bad if known is not None else None
    return key is None or (last is not None and last > ended)
