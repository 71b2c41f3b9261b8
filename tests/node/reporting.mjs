// An application that reports to Sentry: node reporting.mjs DSN one|several
import * as Sentry from "@sentry/node";

const [dsn, howMany] = process.argv.slice(2);

Sentry.init({
  dsn,
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

function failing(work) {
  try {
    work({});
  } catch (error) {
    return error;
  }
}

if (howMany === "one") {
  Sentry.captureException(failing(charge));
} else {
  Sentry.captureException(failing(pay));
  const members = [new Error("one"), new RangeError("two")];
  Sentry.captureException(new AggregateError(members, "several"));
  Sentry.captureMessage("just so", "warning");
  Sentry.captureMessage("disk full", "fatal");
}
if (!(await Sentry.flush(20_000))) process.exit(1);
