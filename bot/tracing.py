"""Spans of our own, exported over OTLP/HTTP. Needs the extra `tracing`."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import StatusCode

from bot.core.trace import Facts, Note, Trace

PATH = "/v1/traces"
SECONDS = 2.0
"""For an export, and for all that is left at the end: a collector that hangs must not keep the
program from ending in time."""


@contextmanager
def exporting(url: str) -> Iterator[Trace]:
    """A trace whose blocks are sent to a collector as spans, by a thread of its own, until the
    block is left. While the collector does not answer, spans are dropped.

    Of an exception only the type is told, as its message may quote an error.
    """
    provider = TracerProvider(
        resource=Resource.create({"service.name": "triage"}), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint=url.rstrip("/") + PATH, timeout=SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("triage")

    @contextmanager
    def span(name: str, facts: Facts) -> Iterator[Note]:
        with tracer.start_as_current_span(
            name, attributes=facts, record_exception=False, set_status_on_exception=False
        ) as one:
            try:
                yield one.set_attributes
            except Exception as error:
                one.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    try:
        yield span
    finally:
        last = Thread(target=provider.shutdown, daemon=True)  # it goes on as long as spans wait
        last.start()
        last.join(SECONDS)
