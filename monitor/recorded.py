"""Checks a definition against recorded answers: plays them to a look, and says where what was read differs.

Nothing is sent anywhere. The recordings of `mine.yaml` stand beside it in `mine.answers.yaml`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from monitor.load.connector import Connectors
from monitor.load.document import read_document
from monitor.load.form import filled
from monitor.load.recording_form import CaseForm, ExchangeForm, RecordingForm, RequestForm
from monitor.problem import ConfigError
from probes.adapters.http import Call
from probes.adapters.look import Instruments, Look, look
from probes.answer import Answer, Failure
from probes.auth import Auth
from probes.budget import Balance, Grant
from probes.catalog import Probe, ProbeId, System, SystemId
from probes.connector import Connector
from probes.failure import FailureClass
from probes.observation import Observation, Record

ORIGIN = "https://recorded.invalid"
ANSWERS = ".answers.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One case: its title, and in words whatever differs."""

    title: str
    differences: tuple[str, ...] = ()


@dataclass(slots=True)
class _Playback:
    """Answers what was recorded, in its order, to requests that are as they were recorded."""

    exchanges: list[ExchangeForm]
    now: datetime
    differences: list[str] = field(default_factory=list)
    place: int = 0

    async def send(self, call: Call, now: Callable[[], datetime]) -> Answer | Failure:
        """Return the next answer."""
        self.place += 1
        if self.place > len(self.exchanges):
            self.differences.append(f"request {self.place} was not recorded: {call.method} {_path(call)}")
            return Failure(failure=FailureClass.OWN, reason="nothing more is recorded")
        exchange = self.exchanges[self.place - 1]
        self.differences += (f"request {self.place}: {one}" for one in _unlike(exchange.request, call))
        response = exchange.response
        body = response.body if isinstance(response.body, str) else json.dumps(response.body)
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status, headers=headers, body=body.encode(), answered=now())


def recording_of(definition: Path) -> Path:
    """Return where the recordings of a definition stand."""
    return definition.with_name(definition.stem + ANSWERS)


async def checked(definition: Path) -> tuple[Checked, ...]:
    """Return what each recorded case makes of a definition.

    Raises:
        ConfigError: the definition or its recordings cannot be read; what is wrong comes with it.
    """
    recording = _recording(recording_of(definition))
    connector, problems = Connectors().tried(definition, recording.values)
    if connector is None:
        raise ConfigError(f"{definition} cannot be used", problems)
    return tuple([await _played(connector, case) for case in recording.cases])


def _recording(file: Path) -> RecordingForm:
    document = read_document(file)
    if document.root is None or document.problems:
        raise ConfigError(f"{file} holds no recorded answers that can be used", document.problems)
    form, problems = filled(RecordingForm, document.root)
    if form is None:
        raise ConfigError(f"{file} holds no recorded answers that can be used", problems)
    return form


async def _played(connector: Connector, case: CaseForm) -> Checked:
    if case.resource is not None and case.resource not in connector.resources:
        known = ", ".join(connector.resources)
        return Checked(title=case.title, differences=(f"there is no resource {case.resource}; there are {known}",))
    playback = _Playback(exchanges=case.exchanges, now=case.now)
    observation = await look(_request(connector, case), _instruments(playback))
    if playback.place < len(case.exchanges):
        playback.differences.append(f"only {playback.place} of {len(case.exchanges)} recorded requests were made")
    return Checked(title=case.title, differences=(*playback.differences, *_unexpected(case, observation)))


def _request(connector: Connector, case: CaseForm) -> Look:
    # The credential is not what is checked, and none is at hand.
    unsigned = System(id=SystemId("recorded"), connector=replace(connector, auth=Auth()), base_url=ORIGIN)
    probe = Probe(
        id=ProbeId(f"recorded.{case.resource or 'whoami'}"),
        system=unsigned.id,
        resource=case.resource or "",
        fields=tuple(case.fields),
    )
    return Look(probe=probe, system=unsigned, since=case.since)


def _instruments(playback: _Playback) -> Instruments:
    granted = Grant(granted=True, wait=timedelta(), balance=Balance())
    return Instruments(transport=playback, take=lambda _purpose, _now: granted, now=lambda: playback.now)


def _path(call: Call) -> str:
    return urlsplit(call.url).path


def _unlike(recorded: RequestForm, call: Call) -> Iterator[str]:
    """Where a request is not as it was recorded; headers that were not recorded do not matter."""
    query = {**dict(parse_qsl(urlsplit(call.url).query, keep_blank_values=True)), **call.query}
    body = None if call.content is None else json.loads(call.content)
    pairs: list[tuple[str, object, object]] = [
        ("method", call.method, "POST" if recorded.body is not None else recorded.method),
        ("path", _path(call), recorded.path),
        ("query", query, dict(recorded.query)),
        ("body", body, recorded.body),
    ]
    sent = {name.lower(): value for name, value in call.headers.items()}
    pairs += ((f"header {name}", sent.get(name.lower()), value) for name, value in recorded.headers.items())
    yield from (f"{name} is {_shown(now)}, recorded was {_shown(then)}" for name, now, then in pairs if now != then)


def _unexpected(case: CaseForm, observation: Observation) -> Iterator[str]:
    expected = case.expect
    if observation.outcome is not expected.outcome:
        because = f" ({observation.reason})" if observation.reason else ""
        yield f"the look is {observation.outcome}{because}, expected was {expected.outcome}"
    elif expected.reason is not None and observation.reason != expected.reason:
        yield f"the reason is {_shown(observation.reason)}, expected was {_shown(expected.reason)}"
    if expected.records is None:
        return
    if len(observation.records) != len(expected.records):
        yield f"{len(observation.records)} records were read, expected were {len(expected.records)}"
    for place, (record, wanted) in enumerate(zip(observation.records, expected.records, strict=False), 1):
        told = told_of(record)
        for name, value in wanted.items():
            if told.get(name) != value:
                yield f"record {place}: {name} is {_shown(told.get(name))}, expected was {_shown(value)}"


def told_of(record: Record) -> Mapping[str, Any]:
    """Return a record as recordings and explanations write it."""
    return {
        "id": record.id,
        "client": record.client,
        "created": record.created.isoformat().replace("+00:00", "Z"),
        "updated": record.updated.isoformat().replace("+00:00", "Z") if record.updated else None,
        "failed": record.failed,
        "kinds": [str(kind) for kind in record.kinds],
        "code": record.code,
        "amount": str(record.money.amount) if record.money else None,
        "currency": record.money.currency if record.money else None,
        "fields": dict(record.fields),
    }


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
