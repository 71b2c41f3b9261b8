// An application whose logs OpenTelemetry exports, as JSON and as protobuf:
// node exporting.mjs URL KEY
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";

const [url, key] = process.argv.slice(2);

for (const [kind, Exporter] of Object.entries({ JSON: JsonExporter, protobuf: ProtobufExporter })) {
  const exporter = new Exporter({ url, headers: { Authorization: `Bearer ${key}` } });
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({
      "service.name": "search",
      "service.version": "4.19.1",
      "deployment.environment.name": "production",
      "tenant.id": "acme",
    }),
    processors: [new SimpleLogRecordProcessor({ exporter })],
  });
  const error = new TypeError(`cannot read ${kind}`);
  provider.getLogger("shop.search").emit({
    severityNumber: 17,
    severityText: "ERROR",
    body: `search by ${kind} failed`,
    attributes: {
      "exception.type": error.name,
      "exception.message": error.message,
      "exception.stacktrace": error.stack,
    },
  });
  provider.getLogger("shop.search").emit({ severityNumber: 9, body: "all is well" });
  await provider.shutdown();
}
