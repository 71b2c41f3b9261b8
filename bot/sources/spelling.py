"""Times and severities, in the spellings that programs use."""

from datetime import UTC, datetime, timedelta
from math import isfinite

from bot.core.event import Severity
from bot.sources import sanitise

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)

_NAMES = {
    Severity.DEBUG: "debug dbg trace verbose fine finer finest d silly debug1 debug2 debug3"
    " debug4 debug5 d1 d2 d3 d4 d5",
    Severity.INFO: "info inf information informational notice note log default i config success",
    Severity.WARNING: "warning warn wrn w",
    Severity.ERROR: "error err eror e severe failure fail failed exception",
    Severity.CRITICAL: "critical crit fatal ftl alert emerg emergency panic dpanic f c",
}
_BY_NAME = {name: severity for severity, names in _NAMES.items() for name in names.split()}

# Each scale lists (lowest number, severity) from the worst down; syslog counts the other way.
_PYTHON = (
    (50, Severity.CRITICAL),
    (40, Severity.ERROR),
    (30, Severity.WARNING),
    (20, Severity.INFO),
)
_PINO = ((60, Severity.CRITICAL), (50, Severity.ERROR), (40, Severity.WARNING), (30, Severity.INFO))
_OTEL = ((21, Severity.CRITICAL), (17, Severity.ERROR), (13, Severity.WARNING), (9, Severity.INFO))
_MONOLOG = (
    (500, Severity.CRITICAL),
    (400, Severity.ERROR),
    (300, Severity.WARNING),
    (200, Severity.INFO),
)
_SYSLOG = (
    *(Severity.CRITICAL,) * 3,
    Severity.ERROR,
    Severity.WARNING,
    *(Severity.INFO,) * 2,
    Severity.DEBUG,
)


def severity(value: object, key: str = "level") -> Severity | None:
    """How bad `value` says it is, or None where it says nothing known.

    A number means different things under different keys: `levelno` and loguru's `level.no` are
    Python's scale (40 is an error), `severity_number` is OpenTelemetry's (17), a `priority` is
    syslog's (3); a plain `level` is pino's and bunyan's (50), Monolog's from 100 on, and syslog's
    (GELF) below 8. OpenTelemetry's FATAL, PostgreSQL's and log4j's are all critical.
    """
    if isinstance(value, str):
        name = sanitise.uncoloured(value).strip(" []<>:").lower()
        if known := _BY_NAME.get(name):
            return known
        if not name.isdecimal() or len(name) > 4:
            return _BY_NAME.get(name.rpartition(".")[2])
        value = int(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    if key.endswith("status") or key == "s":  # HTTP's, not Datadog's word; MongoDB's is a letter
        return None
    return _on_scale(value, key)


def _on_scale(number: float, key: str) -> Severity | None:
    key = key.replace("_", "")
    if key.endswith("number"):
        return _worst(number, _OTEL)
    if key.endswith(("levelno", "level.no")):
        return _worst(number, _PYTHON)
    if 0 <= number < 8:
        return _SYSLOG[int(number)]
    if number >= 100:
        return _worst(number, _MONOLOG)
    return _worst(number, _PINO if number >= 25 or number in (10, 20) else _OTEL)


def _worst(number: float, scale: tuple[tuple[int, Severity], ...]) -> Severity:
    return next((severity for lowest, severity in scale if number >= lowest), Severity.DEBUG)


def time(value: object) -> datetime | None:
    """The instant `value` stands for, in UTC, or None where it is not a time.

    Takes ISO 8601 in its variants, with ` UTC` or Go's ` +0000 UTC` behind it, and epochs as
    number or text in seconds, milli-, micro- or nanoseconds, told apart by their size. A time
    without a zone is taken as UTC. Years outside 1990 to 2199 are not believed.
    """
    if isinstance(value, str):
        found = _from_text(value.strip())
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = _from_number(value)
    else:
        return None
    return found if found and _EARLIEST <= found < _LATEST else None


def _from_text(text: str) -> datetime | None:
    if len(text) > 64:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _from_odd_text(text)
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def _from_odd_text(text: str) -> datetime | None:
    for zone in (" UTC", " GMT", " Z"):
        if text.endswith(zone):
            return _from_text(_without_gap(text.removesuffix(zone)))
    if text.replace(".", "", 1).isdecimal() and text.isascii():
        return _from_number(float(text) if "." in text else int(text))
    joined = _without_gap(text)
    return _from_text(joined) if joined != text else None


def _without_gap(text: str) -> str:
    """`2026-11-21 02:17:35 +0000` as `2026-11-21 02:17:35+0000`."""
    head, gap, zone = text.rpartition(" ")
    return head + zone if gap and zone[:1] in "+-" and zone[1:2].isdecimal() else text


# (numbers below this, so many to the second): 1e11 seconds are the year 5138, 1e11 ms were 1973.
_UNITS = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000))


def _from_number(number: float) -> datetime | None:
    if not isfinite(number) or not 0 < number < 1e20:
        return None
    per_second = next((unit for limit, unit in _UNITS if number < limit), 1_000_000_000)
    seconds, rest = divmod(number, per_second)
    try:
        return _EPOCH + timedelta(
            seconds=seconds, microseconds=round(rest * 1_000_000 / per_second)
        )
    except OverflowError:
        return None
