// An application that reports to Sentry: node reporting.mjs DSN
import * as Sentry from "@sentry/node";

Sentry.init({
  dsn: process.argv[2],
  release: "checkout@4.19.1",
  environment: "production",
  serverName: "web-1",
});
Sentry.setTag("tenant", "acme");

function charge(order) {
  return order.card.number;
}

function pay(order) {
  try {
    charge(order);
  } catch (error) {
    throw new Error("payment failed", { cause: error });
  }
}

try {
  pay({});
} catch (error) {
  Sentry.captureException(error);
}
Sentry.captureException(new AggregateError([new Error("one"), new RangeError("two")], "several"));
Sentry.captureMessage("just so", "warning");
Sentry.captureMessage("disk full", "fatal");
if (!(await Sentry.flush(20_000))) process.exit(1);
