"""Spans: one for each check and each delivery, exported only where an OTLP endpoint is set.

Without one nothing is recorded: the API of OpenTelemetry is called, and does nothing. Libraries that trace by
themselves, such as the web framework, are not exported: their attributes may hold what is nobody's business.
"""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from monitor.settings import Settings

SCOPE = "tierwatch"
"""The name of every tracer of ours."""

PATIENCE = 2.0
"""Seconds that the collector has for one export. A stop waits for two of them at most, the last with all that waits."""

MOST_WAITING = 2048


class OwnSpans(BatchSpanProcessor):
    """Exports the spans of our own tracers, in batches, and no others."""

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span that has ended, if it is ours."""
        if span.instrumentation_scope is not None and span.instrumentation_scope.name == SCOPE:
            super().on_end(span)


def set_up_traces(settings: Settings) -> TracerProvider | None:
    """Export spans to the endpoint of the settings; return what does so, None where none is set."""
    if settings.otlp_endpoint is None:
        return None
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "tierwatch"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces", timeout=PATIENCE)
    provider.add_span_processor(OwnSpans(exporter, max_queue_size=MOST_WAITING, max_export_batch_size=MOST_WAITING))
    trace.set_tracer_provider(provider)
    return provider
