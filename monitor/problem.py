"""What is wrong with a configuration: where it stands, what it is, and what to do about it.

Values only. Problems are found by `load` and `settings`; printing them, and the exit status, is for the command line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path


class Grade(StrEnum):
    """What a problem means for a start.

    An `error` prevents it, whatever the date. A finding does not: `severe` where somebody would not be told or
    something would not be watched, or a contract could not be honoured; `minor` where a promise is weaker than it
    looks; `accepted` where the owner knows and has said until when.
    """

    ERROR = "error"
    SEVERE = "severe"
    MINOR = "minor"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One problem at one place; `line` counts from 1, 0 stands for the whole file. The message names no secret.

    An accepted one is so until the end of the day `until`, and then of the grade `graded` again.
    """

    file: Path
    line: int
    path: str
    message: str
    grade: Grade = Grade.ERROR
    until: date | None = field(default=None, compare=False)
    graded: Grade | None = field(default=None, compare=False)

    def __str__(self) -> str:
        """Return `file.yaml:12: clients[3].tier: what is wrong; what to do`."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return ": ".join(part for part in (place, self.path, self.message) if part)


def reported_again(findings: Iterable[Problem], now: datetime) -> tuple[Problem, ...]:
    """Return the findings with those whose acceptance has ended graded as they were without it."""
    return tuple(_ended(one) if one.until is not None and one.until < now.date() else one for one in findings)


def _ended(finding: Problem) -> Problem:
    message, grade = f"{finding.message}; this acceptance has ended", finding.graded or Grade.SEVERE
    return replace(finding, message=message, grade=grade, until=None, graded=None)


class ConfigError(Exception):
    """Something configured cannot be used. Its text names the place and says what to do, and holds no secret."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
