"""Findings that the owner has accepted: the shape of `accepted` in YAML, and what becomes of a finding by it.

An accepted finding stays visible with its reason; when its day has passed it is as severe as before, and says so.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator

from monitor.load.fields import Text
from monitor.load.form import Form
from monitor.problem import Grade, Problem
from probes.accepted import Accepted


def _day(value: object) -> date:
    message = "must be a day in quotes or without; write it like 2027-01-31"
    if not isinstance(value, str):
        raise ValueError(message)  # noqa: TRY004 - pydantic takes only a ValueError for a problem
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(message) from None


Day = Annotated[date, BeforeValidator(_day)]


class AcceptedForm(Form):
    """Who has accepted a finding, why, and until the end of which day."""

    reason: Text
    by: Text
    until: Day

    def accepted(self) -> Accepted:
        """Return the acceptance."""
        return Accepted(**dict(self))


def weighed(finding: Problem, accepted: Accepted | None, now: datetime) -> Problem:
    """Return a finding as its acceptance leaves it."""
    if accepted is None:
        return finding
    if accepted.holds(now):
        message = f"{finding.message} ({accepted})"
        return replace(finding, message=message, grade=Grade.ACCEPTED, until=accepted.until, graded=finding.grade)
    return replace(finding, message=f"{finding.message} (this was {accepted}; it has ended)")
