"""Reads what senders of Alertmanager's API post: a body becomes reports, or what Alertmanager would answer instead.

The answers are those of Alertmanager 0.25, whose models are generated from its OpenAPI description: its own validation
gives a text, the generated one an object with a code. Bodies that are as they should be take a short way: labels and
annotations that came before in the same bytes are known again without being read.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alerts.reported import Labels, Reported

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
URI = re.compile(r"/|[a-zA-Z][a-zA-Z0-9+.-]*:")
MOST_KNOWN = 200_000
"""So many spellings of label sets are known again before all are forgotten."""

MOST_SAID = 20_000
ZERO = datetime(1, 1, 1, tzinfo=UTC)
"""The instant that Go's programs send for none."""

SPEAKS = "0.25.0"
"""The version of Alertmanager whose answers these are; amtool and karma look at it."""

REQUIRED = 602
MISTYPED = 601
NO_LABELS = "at least one label pair required"
BACKWARDS = "start time must be before end time"
SPELLINGS = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S")


class _Posted(msgspec.Struct):
    """An alert in a body; what its labels and annotations are is read only where that is news."""

    labels: msgspec.Raw = msgspec.Raw()
    annotations: msgspec.Raw = msgspec.Raw()
    startsAt: datetime | None = None  # noqa: N815 - the API's name
    endsAt: datetime | None = None  # noqa: N815 - the API's name
    generatorURL: str = ""  # noqa: N815 - the API's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered to a body that is not as it should be: `value` is the JSON."""

    status: int
    value: object


@dataclass(slots=True, kw_only=True)
class Taken:
    """What a body comes to: the reports in it that are valid, how many are not, and what is answered (None: 200)."""

    reports: list[Reported]
    invalid: int = 0
    answer: Reply | None = None


def coded(status: int, code: int, message: str) -> Reply:
    """Return an answer of the generated validation."""
    return Reply(status=status, value={"code": code, "message": message})


class Misformed(Exception):  # noqa: N818 - it names what is the matter
    """A body of another form; it carries what is answered."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply)
        self.reply = reply


class Reader:
    """Reads bodies, and remembers the label sets and annotations that it has read."""

    def __init__(self) -> None:
        self._decode = msgspec.json.Decoder(list[_Posted] | None).decode
        self._strings = msgspec.json.Decoder(dict[str, str]).decode
        self._known: dict[bytes, Labels | str] = {}
        self._said: dict[bytes, Mapping[str, str]] = {}

    def read(self, body: bytes, now: datetime, resolve_timeout: timedelta) -> Taken:
        """Return what a body reports that came at an instant."""
        try:
            posted = self._decode(body)
            return self._taken(posted or [], now, resolve_timeout)
        except (msgspec.MsgspecError, ValueError, UnicodeDecodeError):
            pass
        except Misformed as error:
            return Taken(reports=[], answer=error.reply)
        try:
            return self._taken(_slowly(body), now, resolve_timeout)
        except Misformed as error:
            return Taken(reports=[], answer=error.reply)

    def _taken(self, posted: list[_Posted], now: datetime, resolve_timeout: timedelta) -> Taken:
        known, said, until = self._known, self._said, now + resolve_timeout
        reports: list[Reported] = []
        wrong: list[str] = []
        for number, one in enumerate(posted):
            spelling = bytes(one.labels)
            labels = known.get(spelling)
            if labels is None:
                labels = self._labels(spelling, number)
            if one.generatorURL and not one.generatorURL.startswith("http") and not URI.match(one.generatorURL):
                message = f"{number}.generatorURL in body must be of type uri: {json.dumps(one.generatorURL)}"
                raise Misformed(coded(422, MISTYPED, message))
            told = bytes(one.annotations)
            annotations = said.get(told)
            if annotations is None:
                annotations = self._annotations(told)
            starts, ends = _instant(one.startsAt), _instant(one.endsAt)
            starts = starts or ends or now
            problem = _problem(labels, annotations, starts, ends or until)
            if problem or isinstance(labels, str):
                wrong.append(problem)
                continue
            reports.append(
                Reported(
                    labels=labels,
                    starts=starts,
                    ends=ends or until,
                    updated=now,
                    timeout=ends is None,
                    annotations=annotations,
                    source=one.generatorURL,
                )
            )
        answer = Reply(status=400, value="; ".join(wrong)) if wrong else None
        return Taken(reports=reports, invalid=len(wrong), answer=answer)

    def _labels(self, spelling: bytes, number: int) -> Labels | str:
        """Return the labels that some bytes spell, or what is wrong with them; without any the body is refused."""
        if spelling in (b"", b"null"):
            raise Misformed(coded(422, REQUIRED, f"{number}.labels in body is required"))
        pairs = sorted(item for item in self._strings(spelling).items() if item[1])
        bad = next((name for name, _ in pairs if not NAME.fullmatch(name)), None)
        found: Labels | str = NO_LABELS if not pairs else tuple(pairs)
        if bad is not None:
            found = f"invalid label set: invalid name {json.dumps(bad, ensure_ascii=False)}"
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[spelling] = found
        return found

    def _annotations(self, told: bytes) -> Mapping[str, str]:
        found = self._strings(told) if told not in (b"", b"null") else {}
        if len(self._said) >= MOST_SAID:
            self._said.clear()
        self._said[told] = found
        return found


def _problem(labels: Labels | str, annotations: Mapping[str, str], starts: datetime, ends: datetime) -> str:
    """Return what Alertmanager finds wrong with an alert first, "" where nothing is."""
    if ends < starts:
        return BACKWARDS
    if isinstance(labels, str):
        return labels
    bad = next((name for name in annotations if not NAME.fullmatch(name)), None) if annotations else None
    return f"invalid annotations: invalid name {json.dumps(bad, ensure_ascii=False)}" if bad is not None else ""


def _instant(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is not UTC:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else _in_utc(at)
    return None if at.year == 1 else at


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        return ZERO


def _slowly(body: bytes) -> list[_Posted]:
    """Return the alerts of a body that is not quite as it should be, read as Go reads it."""
    if not body.strip():
        raise Misformed(coded(422, REQUIRED, "alerts in body is required"))
    try:
        found = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError) as error:
        raise Misformed(unparsed("alerts", f"it is no JSON: {error.__class__.__name__}")) from None
    if not isinstance(found, list):
        raise Misformed(unparsed("alerts", f"json: cannot unmarshal {_kind(found)} into a list of alerts"))
    return [_posted(one, number) for number, one in enumerate(found)]


def unparsed(what: str, why: str) -> Reply:
    """Return the answer to a body whose JSON has another form."""
    return coded(400, 400, f'parsing {what} body from "" failed, because {why}')


def _posted(one: Any, number: int) -> _Posted:  # noqa: ANN401 - any JSON
    if one is None:
        raise Misformed(coded(422, REQUIRED, f"{number}.labels in body is required"))
    if not isinstance(one, dict):
        raise Misformed(unparsed("alerts", f"json: cannot unmarshal {_kind(one)} into an alert"))
    return _Posted(
        labels=_strings(one.get("labels"), "labels"),
        annotations=_strings(one.get("annotations"), "annotations"),
        startsAt=instant_in(one.get("startsAt"), "alerts"),
        endsAt=instant_in(one.get("endsAt"), "alerts"),
        generatorURL=_text(one.get("generatorURL"), "generatorURL"),
    )


def _strings(found: Any, what: str) -> msgspec.Raw:  # noqa: ANN401 - any JSON
    if found is None:
        return msgspec.Raw()
    if not isinstance(found, dict):
        raise Misformed(unparsed("alerts", f"json: cannot unmarshal {_kind(found)} into {what}"))
    return msgspec.Raw(msgspec.json.encode({_clean(name): _text(value, what) for name, value in found.items()}))


def _text(found: Any, what: str) -> str:  # noqa: ANN401 - any JSON
    if found is None:
        return ""
    if not isinstance(found, str):
        reason = f"json: cannot unmarshal {_kind(found)} into Go struct field {what} of type string"
        raise Misformed(unparsed("alerts", reason))
    return _clean(found)


def _clean(text: str) -> str:
    """Return a text without lone surrogates, which UTF-8 cannot hold; Go puts the same mark in their place."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _kind(found: object) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "bool", int: "number", float: "number"}
    return names.get(type(found), "null")


def instant_in(found: Any, what: str) -> datetime | None:  # noqa: ANN401 - any JSON
    """Return an instant as strfmt.DateTime reads it: RFC 3339, or without a zone in UTC; None for an empty text.

    Raises:
        Misformed: it is none.
    """
    if found is None or found == "":
        return None
    if isinstance(found, str):
        try:
            return msgspec.convert(found, datetime)
        except msgspec.MsgspecError:
            pass
        for spelling in SPELLINGS:
            try:
                return datetime.strptime(found, spelling).replace(tzinfo=UTC)
            except ValueError:
                continue
    raise Misformed(unparsed(what, f'parsing time {json.dumps(found)} as "2006-01-02T15:04:05Z07:00" failed'))
