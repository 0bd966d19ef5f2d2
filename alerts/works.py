"""Maintenance as clients see it: what a client was told of, under names for clients, also when it is called off.

A span keeps its id for good. What a client is told of, and when, is for `forewarn`; who gets no messages, and everybody
on the public page, sees the windows that are announced as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.beheld import Say, name_of, opaque, posts_of, service_id
from alerts.client_view import Work
from alerts.foretold import Foretold, PlanState
from alerts.maintenance import Party, Window, WindowId, spells
from alerts.message import Message, Stage
from alerts.recurrence import Span
from alerts.services import PUBLIC, Provided, touched
from probes.catalog import Catalog, ClientId

BACK = timedelta(days=90)
AHEAD = timedelta(days=60)
"""How far back and ahead recurring maintenance is shown; one that does not recur is shown however far ahead it is."""
MOST = 60
STAGES = {
    PlanState.PLANNED: Stage.SCHEDULED,
    PlanState.ON: Stage.IN_PROGRESS,
    PlanState.OVER: Stage.COMPLETED,
    PlanState.CANCELLED: Stage.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What is known of maintenance: its windows, what clients were told of them, and the notices that told them."""

    windows: tuple[Window, ...]
    catalog: Catalog
    foretold: tuple[Foretold, ...] = ()
    notices: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Who reads it: a client with its services, or everybody (None); in which words."""

    client: ClientId | None
    provided: tuple[Provided, ...]
    say: Say


def told_works(diary: Diary, reading: Reading) -> tuple[Work, ...]:
    """Return the maintenance that a client was told of, the latest first."""
    windows = {window.id: window for window in diary.windows}
    posts = _by_thread(diary.notices)
    found = (_told(diary, windows, posts, one, reading) for one in diary.foretold if one.client == reading.client)
    return _latest(found)


def _by_thread(notices: Iterable[Message]) -> Mapping[str, list[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    for notice in notices:
        found[notice.thread].append(notice)
    return found


def _told(
    diary: Diary,
    windows: Mapping[WindowId, Window],
    posts: Mapping[str, list[Message]],
    one: Foretold,
    reading: Reading,
) -> Work:
    window, whose = windows.get(one.window), reading.client or PUBLIC
    services = touched(reading.provided, window, reading.client, diary.catalog) if window is not None else ()
    services = services or reading.provided
    said = posts.get(f"maint/{one.number}/{one.client}", ())
    return Work(
        id=opaque("maintenance", whose, one.number),
        reference=one.number,
        title=_title(window, services, reading.say),
        text=one.work,
        stage=STAGES[one.state],
        starts=one.begins,
        ends=one.ends,
        told=one.told[0][1],
        changed=one.told[-1][1],
        sequence=one.sequence,
        services=tuple(service_id(whose, each.id) for each in services),
        posts=tuple(posts_of(said, one.client)),
    )


def announced_works(diary: Diary, reading: Reading, now: datetime) -> tuple[Work, ...]:
    """Return the windows that are announced, for who is told of none by message, the latest first."""
    found = []
    for window in (one for one in diary.windows if one.announce and (reading.client or one.party is not Party.CLIENT)):
        services = touched(reading.provided, window, reading.client, diary.catalog)
        if services:
            found += [_announced(window, span, services, reading, now) for span in _spans(window, now)]
    return _latest(found)


def _spans(window: Window, now: datetime) -> Iterator[Span]:
    """Yield the spans of a window that are shown, whole, also those that will not take place."""
    if window.recurrence is None:
        if window.starts is not None and window.ends is not None and window.ends > now - BACK:
            yield Span(begins=window.starts, ends=window.ends)
        return
    until = now + AHEAD if window.cancelled is None else min(now, window.cancelled) + AHEAD
    yield from spells(replace(window, cancelled=None), now - BACK, until)


def _announced(window: Window, span: Span, services: tuple[Provided, ...], reading: Reading, now: datetime) -> Work:
    whose, cancelled = reading.client or PUBLIC, window.cancelled
    changed = window.updated or min(span.begins, cancelled or span.begins)
    key = window.id if window.recurrence is None else f"{window.id}@{span.begins:%Y%m%dT%H%M%SZ}"
    return Work(
        id=opaque("maintenance", whose, key),
        reference="",
        title=_title(window, services, reading.say),
        text=window.text,
        stage=_stage(window, span, now),
        starts=span.begins,
        ends=span.ends if cancelled is None or cancelled <= span.begins else min(span.ends, cancelled),
        told=changed,
        changed=changed,
        sequence=int(cancelled is not None),
        services=tuple(service_id(whose, one.id) for one in services),
    )


def _stage(window: Window, span: Span, now: datetime) -> Stage:
    if window.cancelled is not None and window.cancelled <= span.begins:
        return Stage.CANCELLED
    if now < span.begins:
        return Stage.SCHEDULED
    ends = span.ends if window.cancelled is None else min(span.ends, window.cancelled)
    return Stage.IN_PROGRESS if now < ends else Stage.COMPLETED


def _title(window: Window | None, services: tuple[Provided, ...], say: Say) -> str:
    freeze = window is not None and window.party is Party.CLIENT
    text = say("Change freeze: {services}") if freeze else say("Maintenance: {services}")
    return text.format(services=", ".join(name_of(one, say) for one in services))


def _latest(works: Iterable[Work]) -> tuple[Work, ...]:
    return tuple(sorted(works, key=lambda one: (one.starts, one.id), reverse=True))[:MOST]
