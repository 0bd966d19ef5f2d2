"""An incident is its timeline: the fold of its events gives its state.

Everything that a page, a timer or a report says of an incident is computed from this. Which alerts belong together is
for `correlate`, what happens next for `respond`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.alert import IncidentId
from alerts.course import UNKNOWN, Course
from alerts.debt import Debts
from alerts.escalation import Policy
from alerts.impact import Impact, Spell
from alerts.mute import Mute
from alerts.oncall import Person, PersonId
from alerts.standing import Standing
from probes.catalog import ClientId, TierId

MOST_REFERENCES = 10
"""So many addresses that came with its alerts an incident shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The state of an incident: the fold of its timeline. `version` is the number of events folded.

    `turns` counts those of them that say more than that a message arrived: thousands of these may follow each other,
    and what is to be told to whom does not change by them.

    `answered` is since when its systems answer again, None while one does not or none was at fault: the clients have
    recovered only when their own backlogs have drained. `people` are all whom its policies could reach, also those of a
    policy that a worse hurt tier's has replaced.

    `spells` are from when to when it was open; `first_paged` and `acknowledged` are of the last of them. `evidence` is
    what bears on it and is no part of it. `owner` is whom it was given to. `seen` is the weight of what somebody saw
    who set its severity, None where nobody has. `merged` is the incident that goes on with it, `moved` the clients that
    another one has now, and `apart` the incidents that somebody has told apart from it. Places that came with what
    somebody merged stand in `also`: what else fails there joins, and narrows nothing. One that somebody reopened is
    `kept_open` until somebody ends it.

    `muted` is what keeps its next page back, `unnotified` the clients whose notices are kept back, and by what.
    `debts` are those who were told that it began and not yet how it ended.
    `references` are addresses that came with alerts of others; of the alerts in `silent` nobody said that they are
    over, they were not sent to us again. `course` is how far it has come, as clients are told.
    """

    id: IncidentId
    opened: datetime
    onset: datetime
    nodes: frozenset[str]
    blind: bool
    version: int = 0
    turns: int = 0
    alerts: Mapping[str, str] = field(default_factory=dict)
    active: frozenset[str] = frozenset()
    impacts: Mapping[ClientId, Impact] = field(default_factory=dict)
    tier: TierId | None = None
    weight: int = -1
    policy: Policy | None = None
    people: Mapping[PersonId, Person] = field(default_factory=dict)
    next_step: int = 0
    next_due: datetime | None = None
    first_paged: datetime | None = None
    paged: tuple[PersonId, ...] = ()
    pages: int = 0
    acknowledged: datetime | None = None
    acknowledged_by: str | None = None
    resolved: datetime | None = None
    resolved_why: str | None = None
    resolved_by: str | None = None
    answered: datetime | None = None
    spells: tuple[Spell, ...] = ()
    evidence: Mapping[str, str] = field(default_factory=dict)
    owner: PersonId | None = None
    seen: int | None = None
    merged: IncidentId | None = None
    moved: Mapping[ClientId, IncidentId] = field(default_factory=dict)
    apart: frozenset[IncidentId] = frozenset()
    also: frozenset[str] = frozenset()
    kept_open: bool = False
    reopenings: int = 0
    standing: Standing = field(default_factory=Standing)
    mitigated: datetime | None = None
    mitigated_by: str | None = None
    muted: tuple[Mute, ...] = ()
    unnotified: Mapping[ClientId, tuple[Mute, ...]] = field(default_factory=dict)
    debts: Debts = field(default_factory=dict)
    references: tuple[tuple[str, str], ...] = ()
    silent: frozenset[str] = frozenset()
    course: Course = UNKNOWN

    @property
    def open(self) -> bool:
        """Whether it has not been resolved."""
        return self.resolved is None

    def heir(self, client: ClientId | None) -> IncidentId | None:
        """Return the incident that has this client now, or goes on with this one; None where it is this one.

        Who left it before it was merged did not go where the rest of it went.
        """
        return (self.moved.get(client) if client is not None else None) or self.merged

    @property
    def held(self) -> bool:
        """Whether somebody has taken it, and that still holds."""
        return self.acknowledged is not None and self.standing.lapsed is None

    @property
    def hurt(self) -> tuple[Impact, ...]:
        """The impacts, worst tier first, then by onset and client."""
        order = sorted(self.impacts.values(), key=lambda one: (-one.terms.weight, one.onset, one.terms.client))
        return tuple(order)


class BrokenTimeline(Exception):  # noqa: N818 - it names what is wrong
    """Events that no incident can have: the first is not its opening, or something follows its end."""
