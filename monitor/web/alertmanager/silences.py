"""Silences over Alertmanager's API: read, set and ended as Alertmanager 0.25 does it."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from alerts.matcher import EXPRESSIONS, POSITIVE, Matcher, MatcherError, Operator, filtered, matcher
from alerts.silence import Silence, SilenceError, SilenceId, SilenceState, state_of
from monitor.quieting import UnknownSilenceError, expire_silence, set_silence
from monitor.web.alertmanager.answers import Answer, Wrong, coded, given
from monitor.web.alertmanager.board import instant
from monitor.web.alertmanager.door import BASE, Asked, Routes
from monitor.web.alertmanager.query import matchers_of, parameters_of
from monitor.wire import MISTYPED, NAME, REQUIRED, Misformed, instant_in, unparsed

UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
TOO_FEW = 612
FIELDS = ("comment", "createdBy", "endsAt", "matchers", "startsAt")
MATCHER_FIELDS = ("isRegex", "name", "value")
OPERATORS = {
    (True, False): Operator.EQUAL,
    (False, False): Operator.NOT_EQUAL,
    (True, True): Operator.MATCHES,
    (False, True): Operator.NOT_MATCHES,
}


def routes() -> Routes:
    """Return what answers each path of silences."""
    one = f"{BASE}/silence/"
    return {f"{BASE}/silences": {"GET": listed, "POST": posted}, one: {"GET": shown, "DELETE": ended}}


async def listed(asked: Asked) -> Answer:
    """Return the silences: those in force, those to come, those that are over."""
    matchers, now = matchers_of(parameters_of(asked.query)), asked.office.now()
    wanted = (one for one in asked.office.situation.silences.values() if filtered(matchers, _asked_for(one)))
    return given([_written(one, now) for one in sorted(wanted, key=lambda one: _rank(one, now))])


async def shown(asked: Asked) -> Answer:
    """Return one silence."""
    known = asked.office.situation.silences.get(SilenceId(_uuid(asked.rest)))
    return Answer(status=404) if known is None else given(_written(known, asked.office.now()))


async def ended(asked: Asked) -> Answer:
    """End a silence; one that is over already is left as it is."""
    identity, by = _uuid(asked.rest), asked.visitor.name
    try:
        await asked.office.decide(expire_silence(identity, by, asked.office.now()))
    except UnknownSilenceError:
        return Answer(status=404)
    return Answer()


async def posted(asked: Asked) -> Answer:
    """Set a silence, and return its id, which is a new one where a silence could not be changed in place."""
    now = asked.office.now()
    try:
        silence = _silence(_body(asked.body), asked.office.situation.silences, now)
    except Misformed as error:
        return given(error.reply.value, error.reply.status)
    try:
        kept = await asked.office.decide(set_silence(silence, now))
    except UnknownSilenceError as error:
        return given(str(error), 404)
    except SilenceError as error:
        return given(f"silence invalid: {error}", 400)
    return given({"silenceID": kept.id})


def _uuid(text: str) -> str:
    if not UUID.fullmatch(text):
        raise Wrong(coded(422, f"silenceID in path must be of type uuid: {json.dumps(text)}", MISTYPED))
    return text


def _asked_for(silence: Silence) -> Mapping[str, str]:
    return {one.name: one.value for one in silence.matchers}


STATES = (SilenceState.ACTIVE, SilenceState.PENDING, SilenceState.EXPIRED)


def _rank(silence: Silence, now: datetime) -> tuple[int, float]:
    state = state_of(silence, now)
    by = {SilenceState.ACTIVE: silence.ends.timestamp(), SilenceState.PENDING: silence.starts.timestamp()}
    return STATES.index(state), by.get(state, -silence.ends.timestamp())


def _written(silence: Silence, now: datetime) -> Mapping[str, Any]:
    return {
        "id": silence.id,
        "status": {"state": str(state_of(silence, now))},
        "updatedAt": instant(silence.updated),
        **({"annotations": dict(silence.annotations)} if silence.annotations else {}),
        "comment": silence.comment,
        "createdBy": silence.by,
        "endsAt": instant(silence.ends),
        "matchers": [
            {
                "isEqual": one.operator in POSITIVE,
                "isRegex": one.operator in EXPRESSIONS,
                "name": one.name,
                "value": one.value,
            }
            for one in silence.matchers
        ],
        "startsAt": instant(silence.starts),
    }


def _body(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        raise Wrong(coded(422, "silence in body is required", REQUIRED))
    try:
        found = json.loads(body.decode(errors="replace"))
    except (ValueError, RecursionError):
        raise Misformed(unparsed("silence", "it is no JSON")) from None
    if not isinstance(found, dict):
        raise Misformed(unparsed("silence", "json: cannot unmarshal it into a silence"))
    for name in ("id", "comment", "createdBy"):
        if not isinstance(found.get(name, ""), str | None):
            raise Misformed(
                unparsed("silence", f"json: cannot unmarshal it into Go struct field {name} of type string")
            )
    return found


def _silence(found: Mapping[str, Any], known: Mapping[SilenceId, Silence], now: datetime) -> Silence:
    """Return the silence that a body describes.

    Raises:
        Misformed, Wrong: it describes none.
    """
    starts, ends = (instant_in(found.get(name), "silence") for name in ("startsAt", "endsAt"))
    for name in FIELDS:
        if found.get(name) is None:
            raise Wrong(coded(422, f"{name} in body is required", REQUIRED))
    listed = _listed(found["matchers"])
    starts, ends = (at.astimezone(UTC) if at is not None else EPOCH for at in (starts, ends))
    if starts >= ends:
        raise Wrong(given("Failed to create silence: start time must be before end time", 400))
    if ends < now:
        raise Wrong(given("Failed to create silence: end time can't be in the past", 400))
    identity = SilenceId(found.get("id") or "")
    before = known.get(identity)
    return Silence(
        id=identity,
        matchers=tuple(_matcher(one, number) for number, one in enumerate(listed)),
        starts=starts,
        ends=ends,
        by=found["createdBy"],
        comment=found["comment"],
        updated=now,
        recurrence=before.recurrence if before is not None else None,
    )


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""What an empty time counts as."""


def _listed(found: object) -> list[Mapping[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Misformed(unparsed("silence", "json: cannot unmarshal it into a list of matchers"))
    if not found:
        raise Wrong(coded(422, "matchers in body should have at least 1 items", TOO_FEW))
    for number, one in enumerate(found):
        for name in MATCHER_FIELDS:
            if one.get(name) is None:
                raise Wrong(coded(422, f"matchers.{number}.{name} in body is required", REQUIRED))
    return found


def _matcher(found: Mapping[str, Any], number: int) -> Matcher:
    name, value = found["name"], found["value"]
    if not isinstance(name, str) or not isinstance(value, str):
        raise Misformed(unparsed("silence", "json: cannot unmarshal it into a matcher"))
    equal = found.get("isEqual")
    operator = OPERATORS[equal is None or bool(equal), bool(found["isRegex"])]
    wrong = f"silence invalid: invalid label matcher {number}"
    if not NAME.fullmatch(name):
        raise Wrong(given(f"{wrong}: invalid label name {json.dumps(name)}", 400))
    try:
        return matcher(name, operator, value)
    except MatcherError as error:
        raise Wrong(given(f"{wrong}: {error}", 400)) from None
