"""Which changes may wait to be written: those of good looks that nobody would miss if the process died.

They are in memory at once, and are written with what is written next, after five seconds at the latest. Who starts
again without them asks for the same records once more, and has counted a few good looks less. Whatever an incident, a
message, a record on its way or a quota depends on never waits.
"""

from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from monitor.changes import Changes, together
from probes.budget import Balance
from probes.tracked import BookChange

HELD = timedelta(seconds=5)
"""How long changes may wait."""

FORGIVEN = timedelta(seconds=1)
"""What a quota is owed for less than this is paid by the time that a process has started again."""

MAY_WAIT = frozenset({"indicators", "cursors", "balances", "books", "feeds", "habits", "looks", "exclusions"})
NEVER = tuple(one.name for one in fields(Changes) if one.name not in MAY_WAIT)


@dataclass(slots=True)
class Held:
    """What is in memory and not written yet, and since when; nothing at first."""

    changes: list[Changes] = field(default_factory=list)
    since: datetime | None = None

    def hold(self, changes: Changes, now: datetime) -> bool:
        """Keep changes back if they may wait, and nothing has waited for too long; return whether they are kept."""
        if self.overdue(now) or not _may_wait(changes, now):
            return False
        self.since = self.since or now
        self.changes.append(changes)
        return True

    def overdue(self, now: datetime) -> bool:
        """Whether what is kept back should be written; so it should where the clock was put back."""
        return self.since is not None and not timedelta() <= now - self.since < HELD

    def whole(self, changes: Changes) -> Changes:
        """Return what is to be written: what was kept back, and what came on top of it."""
        return together((*self.changes, changes))

    def written(self) -> None:
        """Begin anew: all of it has been written."""
        self.changes, self.since = [], None


def _may_wait(changes: Changes, now: datetime) -> bool:
    if not changes.looks or any(one.bad or one.unknown for one in changes.looks):
        return False
    if any(getattr(changes, name) for name in NEVER):
        return False
    return all(map(_tells_coverage, changes.books)) and all(_paid(one, now) for one in changes.balances.values())


def _tells_coverage(change: BookChange) -> bool:
    """Whether it only says up to when both ends have been seen: without it, they are asked again."""
    told = (
        change.kept,
        change.dropped,
        change.settled,
        change.forgotten,
        change.pace,
        change.arrivals,
        change.verdicts,
    )
    return not any(told) and not change.endings


def _paid(balance: Balance, now: datetime) -> bool:
    if balance.not_before is not None or balance.told:
        return False
    return all(tat is None or tat <= now + FORGIVEN for tat in balance.tats)
