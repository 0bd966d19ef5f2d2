"""The rate-limit fields of the IETF draft and of its older versions: what an answer says of the vendor's limits.

The present draft (draft-ietf-httpapi-ratelimit-headers-10) has `RateLimit` and `RateLimit-Policy`, structured fields of
RFC 9651; versions up to 07 had `RateLimit-Limit`, `-Remaining` and `-Reset`, or one `RateLimit` with all three. A field
that is malformed is ignored as a whole, as the draft has it. Vendors' own headers are read as declared in `headers`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from http_sf import StructuredFieldError, StructuredType, Token, parse

from probes.budget import Allowance
from probes.connector import TimeFormat
from probes.instant import number, read_duration, read_instant

MOST_ITEMS = 10
"""Limits that are read of one field."""

FARTHEST = timedelta(days=366)
"""No window and no wait is taken to be longer; it also keeps instants within what can be calculated."""

LONGEST_DELTA = timedelta(days=7)
"""A larger number in `RateLimit-Reset` is no number of seconds: vendors write instants there as well."""

EPOCH_SECONDS, EPOCH_MILLISECONDS = 1e9, 1e12
REQUESTS, CONCURRENT = "requests", "concurrent-requests"
T = TypeVar("T")
Params = Mapping[str, object]
Name = str | Token
VERSION_07 = re.compile(r"\s*(limit|remaining|reset)\s*=")


class _MalformedError(ValueError):
    """A field does not say what the draft lets it say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Policy:
    """One quota policy: so many of a unit within a period."""

    limit: int
    period: timedelta | None
    unit: str = REQUESTS


UNNAMED = _Policy(limit=0, period=None)
"""In place of a policy that was not sent along."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is left of the limit of that name, and when there is more. `limit` is told with it in version 07 only."""

    name: str
    left: int
    reset: datetime | None
    limit: int | None = None


def allowances(headers: Mapping[str, str], answered: datetime) -> tuple[tuple[Allowance, ...], int]:
    """Return what the fields (their names in lower case) say, and how many were malformed and so ignored."""
    policies, bad_policies = _tried(_policies, headers, "ratelimit-policy")
    told, bad_told = _tried(lambda text: _told(text, answered), headers, "ratelimit")
    limits, bad_limits = _tried(_policies, headers, "ratelimit-limit")
    older, bad_older = _older(headers, limits, answered)
    joined = _joined({**(limits or {}), **(policies or {})}, (*(told or ()), *older))
    return tuple(joined), bad_policies + bad_told + bad_limits + bad_older


def _tried(read: Callable[[str], T], headers: Mapping[str, str], name: str) -> tuple[T | None, int]:
    """What a field says; None and 1 where it is malformed, None and 0 where there is none."""
    if name not in headers:
        return None, 0
    try:
        return read(headers[name]), 0
    except _MalformedError:
        return None, 1


def _structured(text: str, kind: str) -> StructuredType:
    try:
        return parse(text.encode("latin-1", "replace"), tltype=kind)
    except StructuredFieldError as error:
        raise _MalformedError(str(error)) from None


def _items(text: str) -> Iterator[tuple[object, Params]]:
    """The items of a list, which must be non-empty and hold no inner lists."""
    parsed = _structured(text, "list")
    if not isinstance(parsed, list) or not parsed:
        raise _MalformedError("an empty list")
    for member in islice(parsed, MOST_ITEMS):
        if not isinstance(member, tuple) or isinstance(member[0], list):
            raise _MalformedError("a list within the list")
        yield member


def _whole(value: object) -> int:
    """A whole number from 0 on. True is none, although Python would count with it."""
    if type(value) is not int or value < 0:
        raise _MalformedError("no whole number from 0 on")
    return value


def _seconds(value: object) -> timedelta:
    return timedelta(seconds=min(_whole(value), FARTHEST.total_seconds()))


def _policies(text: str) -> dict[str, _Policy]:
    """`"burst";q=100;w=60`, or in older drafts `100;w=60`, which is named by its limit.

    A bare `100` before it is that limit once more, without its window.
    """
    found = {name: policy for name, policy in map(_policy, _items(text)) if policy.period is None}
    return found | {name: policy for name, policy in map(_policy, _items(text)) if policy.period is not None}


def _policy(item: tuple[object, Params]) -> tuple[str, _Policy]:
    value, params = item
    limit = _whole(params.get("q") if isinstance(value, Name) else value)
    period = _seconds(params["w"]) if "w" in params else None
    return str(value), _Policy(limit=limit, period=period or None, unit=str(params.get("qu", REQUESTS)))


def _told(text: str, answered: datetime) -> tuple[_Told, ...]:
    """`"default";r=50;t=30`, or `limit=100, remaining=50, reset=30` of version 07."""
    if VERSION_07.match(text):
        return (_dictionary(text, answered),)
    return tuple(_service_limit(value, params, answered) for value, params in _items(text))


def _service_limit(value: object, params: Params, answered: datetime) -> _Told:
    if not isinstance(value, Name):
        raise _MalformedError("a limit without a name")
    reset = answered + _seconds(params["t"]) if "t" in params else None
    return _Told(name=str(value), left=_whole(params.get("r")), reset=reset)


def _dictionary(text: str, answered: datetime) -> _Told:
    parsed = _structured(text, "dictionary")
    members = parsed if isinstance(parsed, dict) else {}
    values = {name: member[0] for name, member in members.items() if isinstance(member, tuple)}
    reset = answered + _seconds(values["reset"]) if "reset" in values else None
    limit = _whole(values["limit"]) if "limit" in values else None
    return _Told(name=str(limit), left=_whole(values.get("remaining")), reset=reset, limit=limit)


def _older(
    headers: Mapping[str, str], limits: Mapping[str, _Policy] | None, answered: datetime
) -> tuple[tuple[_Told, ...], int]:
    """The three fields of versions up to 07, of which `RateLimit-Limit` is read as policies are."""
    left, reset = number(headers.get("ratelimit-remaining", "")), older_reset(headers, answered)
    unread = ("ratelimit-remaining" in headers and (left is None or left < 0)) + (
        "ratelimit-reset" in headers and reset is None
    )
    if left is None or left < 0:
        return (), unread
    return (_Told(name=next(iter(limits or ()), ""), left=int(left), reset=reset),), unread


def older_reset(headers: Mapping[str, str], answered: datetime) -> datetime | None:
    """Return the instant that an undeclared `RateLimit-Reset` means, None where that is not sure.

    The draft writes seconds; vendors write dates, durations and instants under the same name, which no number of
    seconds up to :data:`LONGEST_DELTA` can be mistaken for.
    """
    text = headers.get("ratelimit-reset", "")
    value = number(text)
    if value is None:
        length = read_duration(text)
        return read_instant(text, TimeFormat.HTTP_DATE) if length is None else answered + min(length, FARTHEST)
    if value >= EPOCH_SECONDS:
        return read_instant(text, TimeFormat.UNIX_MS if value >= EPOCH_MILLISECONDS else TimeFormat.UNIX_S)
    return answered + timedelta(seconds=value) if 0 <= value <= LONGEST_DELTA.total_seconds() else None


def _joined(policies: Mapping[str, _Policy], told: Sequence[_Told]) -> Iterator[Allowance]:
    """Each limit with what is left of it. Units other than requests are none of ours."""
    left = {one.name: one for one in told}
    for name in (*left, *(name for name in policies if name not in left)):
        policy, one = policies.get(name, UNNAMED), left.get(name)
        if policy.unit in (REQUESTS, CONCURRENT):
            yield Allowance(
                limit=policy.limit if policy is not UNNAMED else one.limit if one else None,
                remaining=one.left if one else None,
                reset=one.reset if one else None,
                period=policy.period,
                concurrent=policy.unit == CONCURRENT,
            )
