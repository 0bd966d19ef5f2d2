"""A shift: incidents as the desk would keep them, without a store; what is decided is taken over at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.alert import Alert, AlertState, IncidentId
from alerts.draft import Context, Draft, Evaluated
from alerts.dues import due
from alerts.escalate import acknowledged, paused
from alerts.fold import folded
from alerts.incident import Incident
from alerts.message import Message, MessageKind, Stage
from alerts.notice_draft import NoticeDraft
from alerts.orders import Order, Standing, carried_out
from alerts.respond import resolved, respond
from alerts.timeline import Event, NoticesQueued, Paged
from probes.catalog import ClientId, FlowId
from probes.sli import Indicator
from tests.cast import CONTEXT

FIRST = IncidentId("INC-1")


@dataclass
class Shift:
    """What happened so far, by incident."""

    context: Context = CONTEXT
    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    indicators: dict[str, Indicator] = field(default_factory=dict)
    timelines: dict[IncidentId, list[Event]] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)

    def sees(self, at: datetime, *moved: Alert, behind: Iterable[tuple[FlowId, ClientId]] = ()) -> list[Message]:
        """Take alerts that moved, with who is behind on which flow; return what is told because of it."""
        placed = {str(alert.key): replace(alert, incident=self._home(alert)) for alert in moved}
        self.alerts |= placed
        evaluated = Evaluated(
            moved=tuple(placed.values()),
            alerts=self.alerts,
            backlog=frozenset(behind),
            indicators=({}, self.indicators),
        )
        response = respond(evaluated, self.incidents, self.context, len(self.incidents) + 1, at)
        self.alerts |= {str(alert.key): alert for alert in response.alerts}
        self.alerts = {name: one for name, one in self.alerts.items() if one.state is not AlertState.INACTIVE}
        return [message for draft in response.drafts for message in self._take(draft)]

    def waits(self, at: datetime) -> list[Message]:
        """Let time alone make things due."""
        drafts = [due(Draft(incident=one), self.context, at) for one in self.incidents.values() if one.open]
        return [message for draft in drafts for message in self._take(draft)]

    def acknowledges(
        self, at: datetime, by: str = "alba", incident: IncidentId = FIRST, length: timedelta | None = None
    ) -> list[str]:
        """Acknowledge, for good or for a while; return the keys of the pages that need not be sent any more."""
        draft = acknowledged(self.incidents[incident], by, at, until=None if length is None else at + length)
        self._take(draft)
        return draft.suppressed

    def pauses(self, at: datetime, until: datetime, by: str = "alba", why: str = "a change is under way") -> None:
        """Pause the only incident's escalation."""
        self._take(paused(self.only, by, until, why, at))

    def resolves(self, at: datetime, incident: IncidentId = FIRST) -> list[Message]:
        """End an incident by somebody's word."""
        return self._take(resolved(self.incidents[incident], "alba", "a known fault of theirs", self.context, at))

    def orders(self, order: Order, at: datetime) -> list[Message]:
        """Carry out what somebody orders; return what is told because of it."""
        standing = Standing(incidents=self.incidents, alerts=self.alerts, number=len(self.incidents) + 1)
        done = carried_out(order, standing, self.context, at)
        self.alerts |= {str(alert.key): alert for alert in done.alerts}
        return [message for draft in done.drafts for message in self._take(draft)]

    def pages(self, stage: Stage = Stage.INVESTIGATING) -> list[str]:
        """Who was paged so far, in order."""
        return [one.recipient for one in self.messages if one.kind is MessageKind.PAGE and one.stage is stage]

    def reasons(self, incident: IncidentId = FIRST) -> list[str]:
        """Why they were."""
        return [event.reason.value for event in self.timelines[incident] if isinstance(event, Paged)]

    def notices(self, client: ClientId, incident: IncidentId = FIRST) -> list[Stage]:
        """The stages that a client was told of, in order."""
        told = (event for event in self.timelines.get(incident, ()) if isinstance(event, NoticesQueued))
        return [event.stage for event in told if client in event.clients]

    @property
    def drafts(self) -> list[NoticeDraft]:
        """The drafts of notices that wait for somebody, oldest first."""
        return [one for one in self.context.notice_drafts.values() if one.waiting]

    @property
    def only(self) -> Incident:
        """The one incident that there is."""
        (incident,) = self.incidents.values()
        return incident

    @property
    def open(self) -> list[IncidentId]:
        """The incidents that are not resolved."""
        return [one.id for one in self.incidents.values() if one.open]

    def _home(self, alert: Alert) -> IncidentId | None:
        known = self.alerts.get(str(alert.key))
        return known.incident if known else None

    def _take(self, draft: Draft) -> list[Message]:
        timeline = self.timelines.setdefault(draft.incident.id, [])
        assert draft.first_sequence == len(timeline) + 1, "events are numbered without a gap"
        timeline += draft.events
        assert folded(draft.incident.id, timeline) == draft.incident, "step by step equals the whole fold"
        self.incidents[draft.incident.id] = draft.incident
        self.messages += draft.messages
        drafts = {**self.context.notice_drafts, **draft.notices}
        kept = {key: one for key, one in drafts.items() if one is not None}
        self.context = replace(self.context, notice_drafts=kept)
        self.suppressed += draft.suppressed
        return draft.messages


def told_to(messages: Iterable[Message]) -> Mapping[ClientId | None, list[Stage]]:
    """Return the stages of messages by client, None for people of ours."""
    found: dict[ClientId | None, list[Stage]] = {}
    for message in messages:
        found.setdefault(message.client, []).append(message.stage)
    return found
