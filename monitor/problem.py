"""What is wrong with a configuration: where it stands, what it is, and what to do about it.

Values only. Problems are found by `load` and `settings`; printing them, and the exit status, is for the command line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Grade(StrEnum):
    """What a problem means for a start.

    An `error` prevents it, whatever the date. A finding does not: `severe` where somebody would not be told or
    something would not be watched, `minor` where a promise is weaker than it looks.
    """

    ERROR = "error"
    SEVERE = "severe"
    MINOR = "minor"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One problem at one place; `line` counts from 1, 0 stands for the whole file. The message names no secret."""

    file: Path
    line: int
    path: str
    message: str
    grade: Grade = Grade.ERROR

    def __str__(self) -> str:
        """Return `file.yaml:12: clients[3].tier: what is wrong; what to do`."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return ": ".join(part for part in (place, self.path, self.message) if part)


class ConfigError(Exception):
    """Something configured cannot be used. Its text names the place and says what to do, and holds no secret."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)
