"""What a calendar told of a schedule when it was last read well: its shifts, and how its reading went since.

How a calendar's text becomes shifts is for `rota_text`; when it is read is for the shell.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from alerts.oncall import Feed
from alerts.override import Shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """The shifts of a schedule's calendar. `read` is when it was last read well, None while it never was.

    `covers` is until when the shifts were reckoned. `problem` says in words what was wrong with the last try, "" where
    nothing was; the shifts are those of the last good reading all the same. `unknown` are names that nobody is meant
    by. `digest` is of the text that was read.
    """

    schedule: str
    shifts: tuple[Shift, ...] = ()
    read: datetime | None = None
    tried: datetime | None = None
    covers: datetime | None = None
    problem: str = ""
    unknown: tuple[str, ...] = ()
    digest: str = ""

    def stale(self, feed: Feed, now: datetime) -> bool:
        """Whether the last good copy is too old to be believed in without saying so."""
        return self.read is None or now - self.read > feed.stale_after


def failed(before: Rota, problem: str, now: datetime) -> Rota:
    """Return a rota after a reading that came to nothing: what it told before stays."""
    return replace(before, tried=now, problem=problem)
