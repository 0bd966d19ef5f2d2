"""Spans: one for each check and each delivery, exported only where an OTLP endpoint is set.

Without one nothing is recorded: the API of OpenTelemetry is called, and does nothing.
"""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from monitor.settings import Settings


def set_up_traces(settings: Settings) -> TracerProvider | None:
    """Export spans to the endpoint of the settings; return what does so, None where none is set."""
    if settings.otlp_endpoint is None:
        return None
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "tierwatch"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider
