"""The forms of what keeps messages back, as the REST API takes and gives them: silences, maintenance, exclusions."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from alerts.exclusion import Exclusion
from alerts.maintenance import Party, Telling, Window, current, upcoming
from alerts.preview import Hidden
from alerts.recurrence import Recurrence, Span
from alerts.silence import Silence, SilenceState, state_of
from monitor.load.fields import Duration, Zone
from monitor.load.maintenance_form import WEEKDAYS, RecurrenceForm, WindowForm
from monitor.web.shapes import Instant, Person, Reason, Shape, Trimmed

MATCHERS = "Matchers as Alertmanager writes them: system=erp, tier=~gold|silver"


class SilenceRequest(Shape):
    """A silence to be made or, with the id of one, to be changed. Without `starts` it begins now."""

    matchers: Annotated[Trimmed, Field(max_length=2000, description=MATCHERS)]
    by: Person
    comment: Reason
    id: str = ""
    starts: Instant | None = None
    ends: Instant | None = None
    lasts: Annotated[Duration | None, Field(description="Instead of `ends`.")] = None
    every: Annotated[RecurrenceForm | None, Field(description="In force in these spans alone.")] = None
    timezone: Annotated[Zone, Field(description="Where the times of `every` stand.")] = "UTC"
    yes: Annotated[bool, Field(description="Make it although it hides a whole tier.")] = False


class PreviewRequest(Shape):
    """Matchers whose effect is asked for."""

    matchers: Annotated[Trimmed, Field(max_length=2000, description=MATCHERS)]


class EndRequest(Shape):
    """Who ends something."""

    by: Person


class WindowRequest(WindowForm):
    """A window of maintenance, as in the configuration, and who sets it."""

    who: Person


class TierShape(Shape):
    """How many of a tier's clients nothing would be told of."""

    tier: str
    hidden: int
    clients: int


class HiddenShape(Shape):
    """What a silence hides: alerts, incidents and hurt clients now, incidents of the last days, whole tiers."""

    alerts: list[str]
    incidents: list[str]
    past_incidents: list[str]
    clients: list[str]
    tiers: list[TierShape]
    whole_tiers: list[str]


class RecurrenceShape(Shape):
    """Days and times of day that come again."""

    begins: str
    ends: str
    weekdays: list[str]
    nth: list[int]
    days: list[int]
    months: list[int]


class SilenceShape(Shape):
    """A silence."""

    id: str
    state: SilenceState
    matchers: list[str]
    starts: AwareDatetime
    ends: AwareDatetime
    by: str
    comment: str
    updated: AwareDatetime
    timezone: str | None
    every: RecurrenceShape | None


class SpanShape(Shape):
    """From when to when."""

    begins: AwareDatetime
    ends: AwareDatetime


class WindowShape(Shape):
    """A window of maintenance. `current` is the span that it is on in, `next` the one after that."""

    id: str
    title: str
    party: Party
    configured: bool
    timezone: str
    systems: list[str]
    flows: list[str]
    vendors: list[str]
    clients: list[str]
    everything: bool
    mutes: Telling
    excluded: bool
    current: SpanShape | None
    next: SpanShape | None
    every: RecurrenceShape | None
    cancelled: AwareDatetime | None
    by: str


class ExclusionShape(Shape):
    """The looks at a system in one span of a window, which count for no promise."""

    system: str
    window: str
    title: str
    party: Party
    begins: AwareDatetime
    ends: AwareDatetime
    good: int
    bad: int


class DebtShape(Shape):
    """Somebody who was told that an incident began and not yet how it ended. `recipient` is a display name."""

    incident: str
    ended: bool
    recipient: str
    client: str | None
    since: AwareDatetime


class WaiveRequest(Shape):
    """Who says that nobody need be told the end any more, and why."""

    by: Person
    why: Reason


def silence_shape(one: Silence, now: datetime) -> SilenceShape:
    """Return a silence as it is shown."""
    return SilenceShape(
        id=one.id,
        state=state_of(one, now),
        matchers=[str(matcher) for matcher in one.matchers],
        starts=one.starts,
        ends=one.ends,
        by=one.by,
        comment=one.comment,
        updated=one.updated,
        timezone=one.recurrence.zone if one.recurrence is not None else None,
        every=_recurrence(one.recurrence),
    )


def hidden_shape(found: Hidden) -> HiddenShape:
    """Return what a silence hides."""
    return HiddenShape(
        alerts=list(found.alerts),
        incidents=list(found.incidents),
        past_incidents=list(found.past),
        clients=list(found.clients),
        tiers=[TierShape(tier=tier, hidden=some, clients=whole) for tier, (some, whole) in found.tiers.items()],
        whole_tiers=list(found.whole_tiers),
    )


def window_shape(one: Window, now: datetime) -> WindowShape:
    """Return a window as it is shown."""
    scope = one.scope
    return WindowShape(
        id=one.id,
        title=one.title,
        party=one.party,
        configured=one.updated is None,
        timezone=one.zone,
        systems=sorted(scope.systems),
        flows=sorted(scope.flows),
        vendors=sorted(scope.vendors),
        clients=sorted(scope.clients),
        everything=scope.anywhere and not scope.clients,
        mutes=one.mutes,
        excluded=one.excluded,
        current=_span(current(one, now)),
        next=_span(upcoming(one, now)),
        every=_recurrence(one.recurrence),
        cancelled=one.cancelled,
        by=one.by,
    )


def exclusion_shape(one: Exclusion) -> ExclusionShape:
    """Return an exclusion as it is shown."""
    return ExclusionShape(
        system=one.system,
        window=one.window,
        title=one.title,
        party=one.party,
        begins=one.begins,
        ends=one.ends,
        good=one.good,
        bad=one.bad,
    )


def _span(span: Span | None) -> SpanShape | None:
    return None if span is None else SpanShape(begins=span.begins, ends=span.ends)


def _recurrence(one: Recurrence | None) -> RecurrenceShape | None:
    if one is None:
        return None
    return RecurrenceShape(
        begins=f"{one.begins:%H:%M}",
        ends=f"{one.ends:%H:%M}",
        weekdays=[WEEKDAYS[day] for day in sorted(one.weekdays)],
        nth=sorted(one.nth),
        days=sorted(one.days),
        months=sorted(one.months),
    )
