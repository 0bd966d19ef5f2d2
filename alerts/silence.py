"""A silence: of an alert with these labels nobody is told, from one instant to another. Alertmanager's, by its rules.

It suppresses telling, never watching, and never word of an end. Which silences match which alerts is for `silenced`,
what follows from it for `quiet`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType

from alerts.matcher import Matcher, MatcherError, says_nothing
from alerts.recurrence import NeverError, Recurrence, check, next_span, span_at

SilenceId = NewType("SilenceId", str)


class SilenceState(StrEnum):
    """Whether a silence will be, is, or was in force."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A silence by `by`, who says why in `comment`. It is over at `ends`.

    One that recurs is in force in those of its spans that lie between `starts` and `ends`.
    """

    id: SilenceId
    matchers: tuple[Matcher, ...]
    starts: datetime
    ends: datetime
    by: str
    comment: str
    updated: datetime
    annotations: Mapping[str, str] = field(default_factory=dict)
    recurrence: Recurrence | None = None


class SilenceError(ValueError):
    """A silence that may not be; the text says why."""


def state_of(silence: Silence, now: datetime) -> SilenceState:
    """Return where a silence stands; one that recurs is pending between its spans."""
    if now < silence.starts:
        return SilenceState.PENDING
    if now >= silence.ends:
        return SilenceState.EXPIRED
    if silence.recurrence is None or span_at(silence.recurrence, now) is not None:
        return SilenceState.ACTIVE
    return SilenceState.PENDING if next_change(silence, now) is not None else SilenceState.EXPIRED


def until(silence: Silence, now: datetime) -> datetime:
    """Return when a silence that is in force is so no longer."""
    span = span_at(silence.recurrence, now) if silence.recurrence is not None else None
    return min(silence.ends, span.ends) if span is not None else silence.ends


def next_change(silence: Silence, now: datetime) -> datetime | None:
    """Return when a silence next begins or ends to be in force, None where it does neither any more."""
    if now >= silence.ends:
        return None
    begin = max(now, silence.starts)
    if silence.recurrence is None:
        return silence.starts if now < silence.starts else silence.ends
    span = span_at(silence.recurrence, begin)
    if span is not None:
        return silence.starts if now < silence.starts else min(span.ends, silence.ends)
    coming = next_span(silence.recurrence, begin)
    return coming.begins if coming is not None and coming.begins <= silence.ends else None


def validated(silence: Silence, now: datetime) -> Silence:
    """Return a silence that may be.

    Raises:
        SilenceError: it would match everything, ends before it begins, or recurs on no day.
    """
    if not silence.matchers:
        raise SilenceError("at least one matcher required")
    if _matches_everything(silence.matchers):
        raise SilenceError("at least one matcher must not match the empty string")
    if silence.ends <= silence.starts:
        raise SilenceError("start time must be before end time")
    if silence.recurrence is not None:
        try:
            check(silence.recurrence, now)
        except NeverError as error:
            raise SilenceError(str(error)) from None
    return silence


def _matches_everything(matchers: Iterable[Matcher]) -> bool:
    try:
        return all(map(says_nothing, matchers))
    except MatcherError as error:
        raise SilenceError(str(error)) from None


def placed(silence: Silence, known: Silence | None, fresh: SilenceId, now: datetime) -> tuple[Silence, ...]:
    """Return the silences that are to be kept when one is set: itself last, before it one that it replaces.

    `known` is the one of its id, None where it is new. It is changed in place where that does not change what was
    silenced so far; else the old one expires and it gets the id `fresh`. A start in the past becomes now.

    Raises:
        SilenceError: it may not be, or has ended already.
    """
    if silence.ends <= now:
        raise SilenceError("end time can't be in the past")
    validated(silence, now)
    if known is not None and _can_change(known, silence, now):
        return (replace(silence, id=known.id, updated=now),)
    replaced = expired(known, now) if known is not None else None
    new = validated(replace(silence, id=fresh, starts=max(silence.starts, now), updated=now), now)
    return (new,) if replaced is None or replaced == known else (replaced, new)


def _can_change(known: Silence, silence: Silence, now: datetime) -> bool:
    if known.matchers != silence.matchers or known.recurrence != silence.recurrence:
        return False
    if now < known.starts:
        return silence.starts >= now
    same_second = int(silence.starts.timestamp()) == int(known.starts.timestamp())
    return now < known.ends and same_second


def expired(silence: Silence, now: datetime) -> Silence:
    """Return a silence that is over now; one that is over already is left as it is."""
    if now >= silence.ends:
        return silence
    return replace(silence, starts=min(silence.starts, now), ends=now, updated=now)
