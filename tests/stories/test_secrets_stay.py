"""No secret and no address of a reader leaves by a log, a metric, a span, an error or an answer: all is looked through.

What a channel itself might tell is held beside the channels; here the whole application has had an incident.
"""

import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from alerts.message import MessageKind
from monitor.sandbox.faults import Fault
from monitor.web.access import sign_in_link
from monitor.web.site import ROUTERS, create
from tests.stories.day import SANDBOX, Day, a_day, leisurely

pytestmark = pytest.mark.story

SHORTEST = 8
"""A secret with fewer characters may stand anywhere by chance."""
ENDLESS = re.compile(r"/(static|events|live)\b")


def secrets_of(day: Day) -> Mapping[str, str]:
    """Return every secret that the application can look up, by what it is called."""
    references = day.application.situation.config.secrets
    found = {one: day.application._parts.secrets.resolve(one) for one in references}
    # Where the sandbox is reached is no secret: its addresses stand in the configuration.
    return {name: value for name, value in found.items() if len(value) >= SHORTEST and value != SANDBOX.http}


def paths(day: Day) -> Iterator[str]:
    """Yield the path of everything that can be read, with what there is in the place of its names."""
    incident, client = day.incidents[0].id, next(iter(day.incidents[0].impacts))
    known = {"incident": incident, "identity": incident, "client": client, "system": "billing", "flow": "invoices"}
    for route in (one for router in ROUTERS for one in router.routes):
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not ENDLESS.search(route.path):
            yield re.sub(r"\{(\w+)(:\w+)?\}", lambda name: str(known.get(name[1], client)), route.path)


async def answers(day: Day) -> AsyncIterator[tuple[str, httpx.Response]]:
    """Yield every answer to somebody who may read everything, and what is said to a few mistakes."""
    transport = httpx.ASGITransport(create(day.application), raise_app_exceptions=False)
    doors, keys = day.application.doors, day.application.keys
    async with httpx.AsyncClient(transport=transport, base_url=doors.address) as reader:
        await reader.get(sign_in_link(doors, keys))
        for path in dict.fromkeys(paths(day)):
            yield path, await reader.get(path)
        for path in ("/api/v1/incidents/INC-1/acknowledge", "/api/v1/nothing", "/in/heartbeat/x/success"):
            yield f"POST {path}", await reader.post(path, json={"by": 7})


async def test_no_secret_leaves_by_a_log_a_metric_a_span_an_error_or_an_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", *logging.root.manager.loggerDict):
        caplog.set_level(1, logger=name)
    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(seconds=20)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance_until(lambda: day.told(MessageKind.NOTICE), minutes=3)
        hidden = secrets_of(day)
        assert len(hidden) > len(day.application.situation.config.catalog.clients), "addresses are among them"
        told = {path: f"{dict(answer.headers)}{answer.text}" async for path, answer in answers(day)}
        assert len(told) > 60
        told["metrics"] = day.application.metrics().decode()
    told["log"] = " ".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records)
    told["spans"] = " ".join(span.to_json() for span in spans.get_finished_spans())
    assert len(told["log"]) > 1000
    leaked = {where: name for where, text in told.items() for name, value in hidden.items() if value in text}
    assert leaked == {}
    assert told["spans"], "there were some"
