"""Which span of a window is the one that a client was told of, where the window has changed since.

What is exactly as it was told is that; what is left over goes to the nearest span that is left, so that it is moved and
not cancelled and announced anew. What has none near it does not take place.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from alerts.foretold import Foretold
from alerts.recurrence import Span

Pair = tuple[Foretold, Span | None]


def pairs(told: Sequence[Foretold], spans: Sequence[Span], now: datetime) -> tuple[list[Pair], list[Span]]:
    """Return each span that was told with what it now is, None where it is no more, and the spans that are left."""
    left, found = list(spans), dict[str, Span]()
    for fits in (_exactly, _same_begin):
        for one in told:
            span = next((span for span in left if fits(one, span)), None) if one.key not in found else None
            if span is not None:
                left.remove(span)
                found[one.key] = span
    reach = _reach(spans)
    for one in told:
        if one.key not in found:
            near = [span for span in left if span.ends > now and abs(span.begins - one.begins) < reach]
            nearest = min(near, key=lambda span: abs(span.begins - one.begins), default=None)
            if nearest is not None:
                left.remove(nearest)
                found[one.key] = nearest
    return [(one, found.get(one.key)) for one in told], left


def _exactly(one: Foretold, span: Span) -> bool:
    return (one.begins, one.ends) == (span.begins, span.ends)


def _same_begin(one: Foretold, span: Span) -> bool:
    return one.begins == span.begins


def _reach(spans: Sequence[Span]) -> timedelta:
    """How far a span may be moved: what comes once however far, what comes again less than half way to the next."""
    begins = sorted(span.begins for span in spans)
    gaps = [later - earlier for earlier, later in pairwise(begins)]
    return min([gap / 2 for gap in gaps], default=timedelta.max)
