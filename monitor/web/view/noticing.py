"""How far an incident has come as its clients are told, which drafts wait, and when the next notice is due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from alerts.incident import Incident
from alerts.message import Stage
from alerts.news import next_update, present
from alerts.notice_draft import NoticeDraft
from monitor.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticing:
    """`stages` are how many clients were last told of each; `sayable` is what somebody can say of the incident."""

    stage: Stage
    since: datetime
    drafts: tuple[NoticeDraft, ...]
    next_due: datetime | None
    stages: tuple[tuple[Stage, int], ...]
    sayable: tuple[Stage, ...]


def noticing(incident: Incident, situation: Situation) -> Noticing:
    """Return what the page of an incident says of its notices."""
    standing = present(incident)
    dues = (next_update(one) for one in incident.impacts.values() if one.terms.notices.tells)
    waiting = (one for one in situation.notice_drafts.values() if one.waiting and one.incident == incident.id)
    last = [one.queued[-1][0] for one in incident.impacts.values() if one.queued]
    return Noticing(
        stage=_ended(incident) or standing.stage,
        since=incident.resolved or standing.since,
        drafts=tuple(sorted(waiting, key=lambda one: (one.due is None, one.due or one.made))),
        next_due=min((at for at in dues if at is not None), default=None),
        stages=tuple((stage, last.count(stage)) for stage in Stage if stage in last),
        sayable=tuple(_sayable(incident, standing.stage)),
    )


def _ended(incident: Incident) -> Stage | None:
    if incident.open:
        return None
    return Stage.RETRACTED if incident.course.false_alarm else Stage.RESOLVED


def _sayable(incident: Incident, stage: Stage) -> Iterable[Stage]:
    if incident.open and stage is not Stage.MONITORING:
        if stage is not Stage.IDENTIFIED:
            yield Stage.IDENTIFIED
        yield Stage.MONITORING
