"""How far an incident has come, as clients are told: what was found or said of it, and since when.

The stages of notices follow from it. Which client is to be told of which stage is for `news`.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from alerts.message import Stage

RANKS = {Stage.INVESTIGATING: 0, Stage.IDENTIFIED: 1, Stage.MONITORING: 2}
"""The stages of an incident that goes on, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSaid:
    """Somebody of ours said how far an incident has come: its cause is `identified`, or it is `monitoring`."""

    at: datetime
    stage: Stage
    by: str
    why: str = ""
    kind: Literal["stage_said"] = "stage_said"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What was found or said of an incident since it was last opened; `identified_by` is None where evidence did.

    `monitoring` is since when somebody says that only its end is waited for; `relapsed` is when a system that answered
    again last stopped doing so. A `false_alarm` hurt nobody: it is retracted.
    """

    identified: datetime | None = None
    identified_by: str | None = None
    monitoring: datetime | None = None
    monitoring_by: str | None = None
    relapsed: datetime | None = None
    false_alarm: bool = False


UNKNOWN = Course()


def said(course: Course, event: StageSaid) -> Course:
    """Return the course after somebody's word; who says that it is monitored has found the cause by then."""
    if event.stage is Stage.MONITORING:
        return replace(course, monitoring=event.at, monitoring_by=event.by)
    found = course.identified or event.at
    by = event.by if course.identified is None else course.identified_by
    return replace(course, identified=found, identified_by=by, monitoring=None, monitoring_by=None)


def found(course: Course, at: datetime) -> Course:
    """Return the course after the evidence has shown what explains the incident."""
    return course if course.identified is not None else replace(course, identified=at)


def relapsed(course: Course, at: datetime) -> Course:
    """Return the course of an incident one of whose systems does not answer any more."""
    return replace(course, relapsed=at, monitoring=None, monitoring_by=None)
