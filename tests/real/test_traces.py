"""A collector receives a span for each check and each delivery where an endpoint is set, and nothing where none is."""

import socket
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.real.otlp import attributes, collector
from tests.real.process import Served, eventually, tierwatch, vendors
from tests.real.watched import Watched

pytestmark = pytest.mark.story

AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "100"}
"""Milliseconds between exports, so that one is certainly under way."""


@pytest.mark.real("prometheus")
def test_a_check_is_a_span_that_names_its_probe_and_its_outcome(played: Watched) -> None:
    checks = played.collector.named("tierwatch.check")
    assert played.collector.services == {"tierwatch"}
    assert played.collector.paths == {"/v1/traces"}
    assert {"good", "throttled"} <= {attributes(span)["tierwatch.outcome"] for span in checks}
    assert "erp.invoices" in {attributes(span)["tierwatch.probe"] for span in checks}
    assert all(_seconds(span) < 60 for span in checks)


@pytest.mark.real("prometheus")
def test_a_delivery_is_a_span_that_names_how_it_ended_and_never_where_it_went(played: Watched) -> None:
    deliveries = played.collector.named("tierwatch.delivery")
    told = [attributes(span) for span in deliveries]
    assert {one["tierwatch.lane"] for one in told} == {"urgent", "normal"}
    assert {one["tierwatch.state"] for one in told} == {"accepted"}
    assert {one["tierwatch.scheme"] for one in told} == {"json", "mailto"}
    addresses = set(played.secrets.values())
    assert not [one for one in told if addresses & set(map(str, one.values()))]


@pytest.mark.real("prometheus")
def test_no_span_of_a_library_leaves(played: Watched) -> None:
    assert {span.name for span in played.collector.spans} == {"tierwatch.check", "tierwatch.delivery"}


def test_nothing_is_exported_where_only_others_would_export(tmp_path: Path) -> None:
    with vendors() as sandbox, collector() as spans:
        secrets = sandbox.configuration(tmp_path / "config")
        others = {"OTEL_EXPORTER_OTLP_ENDPOINT": spans.address, **AT_ONCE}
        with tierwatch(tmp_path / "config", tmp_path / "data", secrets, others) as served:
            eventually(lambda: looked(served), "a look")
            assert served.stop() == 0
        assert spans.paths == set()


def test_a_collector_that_hangs_does_not_hold_up_a_stop(tmp_path: Path) -> None:
    with vendors() as sandbox, socket.create_server(("127.0.0.1", 0)) as silent:
        secrets = sandbox.configuration(tmp_path / "config")
        endpoint = {"TIERWATCH_OTLP_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}", **AT_ONCE}
        with tierwatch(tmp_path / "config", tmp_path / "data", secrets, endpoint) as served:
            eventually(lambda: looked(served), "a look")
            assert served.stop() == 0


def looked(served: Served) -> bool:
    """Return whether any system has been looked at."""
    return any(one["state"] == "OK" for one in served.items("/api/v1/systems"))


def _seconds(span: Span) -> float:
    return (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
