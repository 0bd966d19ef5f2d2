"""What a look left unread of a list that was too long for it, or whose page failed: where the next look goes on.

When a gap is kept and when it is filled is for `cursor`, walking the pages is the adapters' work.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from probes.ask import Ask, position_of
from probes.connector import Resource
from probes.window import Span, halved


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """The unread rest of a list.

    `start` and `until` are what it is asked for by (in the vendor's clock, `start` None for a list that cannot be asked
    so), in spans of `width` where that is not all at once. `sent` is when (on our clock) the list was first asked for:
    absence from it is evidence up to then, once the gap is filled. `position` is what leads to the first page that was
    not read, None where the rest is asked for from its start.
    """

    start: datetime | None
    until: datetime
    sent: datetime
    width: timedelta | None = None
    position: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where a walk over a list stopped: before which request of which span, and up to where it was read in order.

    `late` says that the walk ran out of its own time, and not that something was wrong.
    """

    left: Ask
    span: Span
    read_until: datetime | None = None
    late: bool = False


def unread(resource: Resource, before: Gap | None, stop: Stop, begin: datetime | None, sent: datetime) -> Gap | None:
    """Return what is left after a walk that began at `begin` and filled `before`; None where nothing leads to it alone.

    A position is taken where it will lead to the same rows later on. Else the rest is asked for from where the list was
    read up to, or in shorter spans.
    """
    span, position = stop.span, position_of(resource, stop.left)
    asked = before.sent if before is not None else sent
    rest = Gap(start=span.start, until=span.latest, sent=asked, width=span.width, position=position)
    read = stop.read_until.replace(microsecond=0) if stop.read_until is not None else None
    if position is not None:
        return rest
    if rest.start is not None and read is not None and read > rest.start:
        return replace(rest, start=read)
    if rest.start != begin:
        return rest
    bounded = resource.since is not None and bool(resource.since.until_param)
    shorter = halved(span) if stop.late and bounded else None
    return replace(rest, width=shorter.width) if shorter is not None else before
