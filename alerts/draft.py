"""What a decision about incidents reads and what it returns: values only, no decision.

The shell writes a :class:`Response` in one transaction: each :class:`Draft` is an incident with its new events and
messages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.alert import Alert, IncidentId
from alerts.fold import advanced
from alerts.forbidden import NOTHING_FORBIDDEN, Forbidden
from alerts.forecast import Repair
from alerts.incident import Incident
from alerts.message import Message
from alerts.notice_draft import DraftId, Drafts, NoticeDraft
from alerts.override import NOTHING_POSTED, Board
from alerts.preferences import NO_PREFERENCES, Preferences
from alerts.quiet import LOUD, Quiet
from alerts.roster import Roster
from alerts.spent import NOTHING_SPENT, Spent
from alerts.timeline import Event
from alerts.wording import Links
from alerts.words import PLAIN, Words
from probes.catalog import Catalog, ClientId, FlowId
from probes.sli import Indicator, IndicatorKey

RECURRENCE = timedelta(minutes=30)
"""For how long after the end of an incident what comes back is the same one again."""


@dataclass(slots=True)
class Draft:
    """An incident with the events, messages and drafts of notices that a decision adds to it."""

    incident: Incident
    events: list[Event] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    notices: dict[DraftId, NoticeDraft | None] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Append an event and fold it."""
        self.incident = advanced(self.incident, event)
        self.events.append(event)

    @property
    def first_sequence(self) -> int:
        """The sequence number of the first of the events."""
        return self.incident.version - len(self.events) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What decisions read besides the incident: who is watched, who can be paged, and where our pages are.

    `board` is what changes who is on call at this moment, whatever policy an incident began with. `past` is how long
    earlier incidents lasted, where a forecast is wanted. `quiet` is what keeps pages and notices back. What comes back
    within `recurrence` of the end of its incident reopens that. `started` is when the process began to look.
    `spent` is how much of their months' budgets clients have used. `words` are what notices are made with,
    `forbidden` what none of them may say, `preferences` how contacts are told.
    `notice_drafts` are those that wait for consent, or did.
    """

    catalog: Catalog
    roster: Roster
    links: Links
    recurrence: timedelta = RECURRENCE
    started: datetime | None = None
    board: Board = NOTHING_POSTED
    past: tuple[Repair, ...] = ()
    quiet: Quiet = LOUD
    notice_drafts: Drafts = field(default_factory=dict)
    words: Words = PLAIN
    preferences: Preferences = NO_PREFERENCES
    forbidden: Forbidden = NOTHING_FORBIDDEN
    spent: Spent = NOTHING_SPENT


def still(draft: Draft, context: Context) -> dict[str, bool]:
    """Return what is known to hold of an incident as it is on record, to be added to; nothing once a draft adds to it.

    See `Settled.still` for what may be put there.
    """
    settled = context.quiet.settled
    return {} if draft.events or settled is None else settled.still(draft.incident, context.catalog)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What an evaluation found: alerts that moved, all alerts as they now are, and who is behind on which flow.

    `indicators` are all as they now are, in layers: what changed before what did not.
    """

    moved: tuple[Alert, ...]
    alerts: Mapping[str, Alert]
    backlog: frozenset[tuple[FlowId, ClientId]]
    indicators: tuple[Mapping[str, Indicator], ...] = ()

    def indicator(self, key: IndicatorKey) -> Indicator | None:
        """Return an indicator as it now is, None where there is none."""
        name = str(key)
        return next((layer[name] for layer in self.indicators if name in layer), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An incident that could not be decided, and what was raised; the text of that is for the log alone."""

    incident: IncidentId
    error: Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The drafts of every incident that changes, the alerts that came to be part of one, and what failed."""

    drafts: tuple[Draft, ...]
    alerts: tuple[Alert, ...]
    failed: tuple[Failure, ...] = ()
