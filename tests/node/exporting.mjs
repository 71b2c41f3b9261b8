// An application that OpenTelemetry exports an error of: node exporting.mjs KIND URL KEY TRACE SPAN
import { ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";

const [kind, url, key, traceId, spanId] = process.argv.slice(2);
const Exporter = { JSON: JsonExporter, protobuf: ProtobufExporter }[kind];
const exporter = new Exporter({ url, headers: { Authorization: `Bearer ${key}` } });
const provider = new LoggerProvider({
  resource: resourceFromAttributes({
    "service.name": "checkout",
    "service.version": "4.19.1",
    "deployment.environment.name": "production",
    "tenant.id": "acme",
    "host.name": "web-1",
  }),
  processors: [new SimpleLogRecordProcessor({ exporter })],
});

function charge(order) {
  return order.card.number;
}

function failing() {
  try {
    charge({});
  } catch (error) {
    return error;
  }
}

const error = failing();
const span = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
provider.getLogger("shop.pay").emit({
  context: trace.setSpanContext(ROOT_CONTEXT, span),
  severityNumber: 17,
  severityText: "ERROR",
  body: "payment failed",
  attributes: {
    "exception.type": error.name,
    "exception.message": error.message,
    "exception.stacktrace": error.stack,
  },
});
provider.getLogger("shop.pay").emit({ severityNumber: 9, body: "all is well" });
await provider.shutdown();
