"""Watermarks: from when a list is asked for, and which of its records are news.

The rules: ask from the watermark less an overlap, bounds inclusive; drop what was seen already, by id and version;
advance only over what was read whole, and only to the instant the list was asked at, never to the newest record seen.
What a look left unread stays a gap, which the following looks fill before anything else is asked for.
Records first seen inside the overlap are counted: without it they would have been lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from probes.catalog import ProbeId
from probes.connector import COUNTED, Rescan, Resource, Since
from probes.gap import Gap
from probes.observation import Observation, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far one probe has read.

    `watermark` is in the vendor's time (None before the first whole look), `last_whole` on our clock. `seen` maps the
    records that the next look will be shown again to the version that was seen. `rescanned` is when (on our clock) the
    list was last read far back; of the records that the next such look is shown, `held` has the instant that each is
    listed by. `gap` is what the last look left unread, None where it read everything.
    """

    probe: ProbeId
    watermark: datetime | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    last_whole: datetime | None = None
    rescanned: datetime | None = None
    held: Mapping[str, datetime] = field(default_factory=dict)
    gap: Gap | None = None


def since(cursor: Cursor, resource: Resource, first_window: timedelta, now: datetime) -> datetime | None:
    """Return the instant to ask from, in the vendor's time and whole seconds; None for a list that has no such filter.

    The first look reaches `first_window` back from now, and at least as far as any later one will: what was there
    before must not look like news then. A gap is asked for from its start, with nothing overlapped.
    """
    if resource.since is None:
        return None
    if cursor.gap is not None:
        return cursor.gap.start
    rescan = resource.since.rescan
    if cursor.watermark is None:
        return (now - max(first_window, _reach(resource.since))).replace(microsecond=0)
    if rescan is not None and (cursor.rescanned is None or now - cursor.rescanned >= rescan.every):
        return (cursor.watermark - rescan.back).replace(microsecond=0)
    return _overlapped(cursor.watermark, resource)


def _overlapped(watermark: datetime, resource: Resource) -> datetime:
    """Whole seconds, because many vendors filter by them: what we drop must be what they will not send again."""
    back = timedelta() if resource.since is None else resource.since.overlap + resource.since.lag
    return (watermark - back).replace(microsecond=0)


def _reach(how: Since) -> timedelta:
    """How far back of the watermark any look asks."""
    return max(how.overlap + how.lag, how.rescan.back if how.rescan is not None else timedelta())


def advanced(cursor: Cursor, resource: Resource, observation: Observation) -> tuple[Cursor, tuple[Record, ...], int]:
    """Return the cursor after a look, the records that are new or changed, and how many were first seen late.

    A look that was not whole yields its records too, but moves the watermark no further than it was read without a gap.
    """
    versions = {record.id: version(record) for record in observation.records}
    fresh = _fresh(cursor, observation, versions)
    late = sum(record.id not in cursor.seen and _is_late(cursor, observation, record) for record in fresh)
    rescan = resource.since.rescan if resource.since is not None else None
    if not observation.whole:
        return _remembering(cursor, fresh, rescan, observation), fresh, late
    watermark = _later(cursor.watermark, observation.asked + observation.correction)
    # Also what the next look's filter should hold back: some vendors take no notice of it.
    shown_again = versions if cursor.gap is None else {**cursor.seen, **versions}
    moved = Cursor(probe=cursor.probe, watermark=watermark, seen=shown_again, last_whole=observation.asked)
    return (moved if rescan is None else _holding(moved, cursor, rescan, observation)), fresh, late


def _later(known: datetime | None, read: datetime) -> datetime:
    return read if known is None else max(known, read)


def version(record: Record) -> str:
    """Return what tells one state of a record from another: whether and how it failed, client, money and fields."""
    ways = (kind.value for kind in record.kinds if kind not in COUNTED)
    money = () if record.money is None else (f"{record.money.amount.normalize():f}", record.money.currency)
    return repr((record.failed, record.client, *ways, *money, *sorted(record.fields.items())))


def _fresh(cursor: Cursor, observation: Observation, versions: Mapping[str, str]) -> tuple[Record, ...]:
    """Each record of which this version was not seen, once; a list that shifts while it is paged shows some twice."""
    latest = {record.id: record for record in observation.records}
    changed = [record for record in latest.values() if cursor.seen.get(record.id) != versions[record.id]]
    return tuple(replace(one, noticed=observation.answered) if one.id in cursor.seen else one for one in changed)


def _is_late(cursor: Cursor, observation: Observation, record: Record) -> bool:
    """Compared by whole seconds: a vendor that writes no finer ones dates records too early."""
    theirs = record.listed + observation.correction + observation.lag
    return cursor.watermark is not None and theirs < cursor.watermark.replace(microsecond=0)


def _remembering(cursor: Cursor, fresh: tuple[Record, ...], rescan: Rescan | None, observation: Observation) -> Cursor:
    """The cursor after a look that was not whole: it knows what was seen, and what was left unread."""
    seen = {**cursor.seen, **{record.id: version(record) for record in fresh}}
    held = {**cursor.held, **{record.id: record.listed for record in fresh}} if rescan is not None else cursor.held
    read_until = observation.read_until
    watermark = cursor.watermark if read_until is None else _later(cursor.watermark, read_until)
    # A look that could not ask says nothing of the gap that it was to fill.
    gap = observation.gap if observation.requests else cursor.gap
    return replace(cursor, watermark=watermark, seen=seen, held=held, gap=gap)


def _holding(moved: Cursor, before: Cursor, rescan: Rescan, observation: Observation) -> Cursor:
    """The moved cursor with what the next look far back is shown again, known from this look or from those before."""
    oldest = observation.asked - rescan.back - rescan.every
    listed = {**before.held, **{record.id: record.listed for record in observation.records}}
    held = {name: at for name, at in listed.items() if at >= oldest}
    versions = {**before.seen, **{record.id: version(record) for record in observation.records}, **moved.seen}
    seen = {name: one for name, one in versions.items() if name in held or name in moved.seen}
    far_back = before.rescanned is None or observation.asked - before.rescanned >= rescan.every
    return replace(moved, seen=seen, held=held, rescanned=observation.asked if far_back else before.rescanned)
