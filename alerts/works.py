"""Maintenance as clients see it: every span of a window that concerns a reader, also when it was moved or called off.

A span keeps its id for good. It is announced before, in progress while it lasts and completed after it; what was called
off stays, and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.beheld import Say, name_of, opaque, service_id
from alerts.client_view import Post, Work
from alerts.maintenance import Party, Window, spells
from alerts.message import Stage
from alerts.recurrence import Span
from alerts.services import Provided, touched
from probes.catalog import Catalog, ClientId

BACK = timedelta(days=90)
AHEAD = timedelta(days=60)
"""How far back and ahead maintenance is shown; one that does not recur is shown however far ahead it is."""
MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """How often the times of a span were changed since it was announced, and when they last were."""

    sequence: int = 0
    changed: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The windows that are known, what they are about, and what is on record of each: its moves and its notices.

    Both are found by `key_of` a window and a span.
    """

    windows: tuple[Window, ...]
    catalog: Catalog
    moves: Mapping[str, Move] = field(default_factory=dict)
    posts: Mapping[str, tuple[Post, ...]] = field(default_factory=dict)


def key_of(window: Window, span: Span) -> str:
    """Return what names a span of a window for good: of one that recurs with its beginning, else the window's id."""
    return window.id if window.recurrence is None else f"{window.id}/{span.begins:%Y-%m-%dT%H:%M:%SZ}"


def works(
    calendar: Calendar, provided: tuple[Provided, ...], client: ClientId | None, say: Say, now: datetime
) -> tuple[Work, ...]:
    """Return the maintenance of a reader's services, the latest first; None stands for everybody."""
    found = []
    for window in calendar.windows:
        services = touched(provided, window, client, calendar.catalog)
        if services:
            found += [_work(calendar, window, span, services, (client, say, now)) for span in _spans(window, now)]
    return tuple(sorted(found, key=lambda one: (one.starts, one.id), reverse=True))[:MOST]


def _spans(window: Window, now: datetime) -> Iterator[Span]:
    """Yield the spans of a window that are shown, whole, also those that will not take place."""
    if window.recurrence is None:
        if window.starts is not None and window.ends is not None and window.ends > now - BACK:
            yield Span(begins=window.starts, ends=window.ends)
        return
    until = now + AHEAD if window.cancelled is None else min(now, window.cancelled) + AHEAD
    yield from spells(replace(window, cancelled=None), now - BACK, until)


def _work(
    calendar: Calendar,
    window: Window,
    span: Span,
    services: tuple[Provided, ...],
    reading: tuple[ClientId | None, Say, datetime],
) -> Work:
    client, say, now = reading
    whose, key = client or "", key_of(window, span)
    move = calendar.moves.get(key, Move())
    changed = move.changed or window.updated or min(span.begins, window.cancelled or span.begins)
    cut = span.ends if window.cancelled is None or window.cancelled <= span.begins else min(span.ends, window.cancelled)
    return Work(
        id=opaque("maintenance", whose, key),
        title=_title(window, services, say),
        stage=_stage(window, span, now),
        starts=span.begins,
        ends=cut,
        told=changed,
        changed=changed,
        sequence=move.sequence + (window.cancelled is not None),
        services=tuple(service_id(whose, one.id) for one in services),
        posts=calendar.posts.get(key, ()),
    )


def _title(window: Window, services: tuple[Provided, ...], say: Say) -> str:
    text = "Change freeze: {services}" if window.party is Party.CLIENT else "Maintenance: {services}"
    return say(text).format(services=", ".join(name_of(one, say) for one in services))


def _stage(window: Window, span: Span, now: datetime) -> Stage:
    if window.cancelled is not None and window.cancelled <= span.begins:
        return Stage.CANCELLED
    if now < span.begins:
        return Stage.SCHEDULED
    ends = span.ends if window.cancelled is None else min(span.ends, window.cancelled)
    return Stage.IN_PROGRESS if now < ends else Stage.COMPLETED
