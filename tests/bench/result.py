"""What a bench gives: values, their median and spread, and whether the goal was reached."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

HEAD = ("measured", "goal", "median", "spread", "runs", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Values of one measure, the warm-up left out. `goal` is an upper bound, None where the value only explains."""

    name: str
    unit: str
    values: tuple[float, ...]
    goal: float | None = None
    digits: int = 2

    @property
    def median(self) -> float:
        """The value in the middle: the one that is held against the goal."""
        return median(self.values)

    @property
    def verdict(self) -> str:
        """`pass`, `MISS`, or nothing where there is no goal."""
        if self.goal is None:
            return ""
        return "pass" if self.median <= self.goal else "MISS"

    def cells(self) -> tuple[str, ...]:
        """Return the line of the table."""
        goal = "" if self.goal is None else f"<= {self._said(self.goal)}"
        spread = f"{self._said(min(self.values))} .. {self._said(max(self.values))}"
        middle = f"{self._said(self.median)} {self.unit}"
        return self.name, goal, middle, spread, str(len(self.values)), self.verdict

    def written(self) -> dict[str, Any]:
        """Return the result as JSON has it."""
        named = {"name": self.name, "unit": self.unit, "goal": self.goal, "values": self.values}
        return {**named, "median": self.median, "spread": (min(self.values), max(self.values)), "verdict": self.verdict}

    def _said(self, value: float) -> str:
        return f"{value:.{self.digits}f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where and when it was measured; `load` is how many processes wanted a core at the start, over a minute."""

    python: str
    system: str
    cores: int
    load: float
    at: datetime

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.at:%Y-%m-%d %H:%M} UTC, {self.python}, {self.cores} cores (load {self.load:.1f}), {self.system}"


def this_machine() -> Machine:
    """Return the machine as it is now."""
    return Machine(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        system=platform.platform(terse=True),
        cores=os.cpu_count() or 1,
        load=os.getloadavg()[0],
        at=datetime.now(UTC),
    )


def table(results: Iterable[Result]) -> str:
    """Return all results as one table."""
    lines = [HEAD, *(result.cells() for result in results)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def as_json(machine: Machine, results: Sequence[Result]) -> str:
    """Return machine and results as JSON."""
    where = {"python": machine.python, "system": machine.system, "cores": machine.cores, "load": machine.load}
    found = {"at": machine.at.isoformat(), "machine": where, "results": [one.written() for one in results]}
    return json.dumps(found, indent=2) + "\n"
