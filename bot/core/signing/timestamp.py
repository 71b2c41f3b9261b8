"""Times as log lines spell them."""

import re
from datetime import UTC, datetime, timedelta

_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"

PATTERN = rf"""(?:
    \d{{4}}[-/.]\d\d[-/.]\d\d(?:[T_ -]|,(?=[ ]))[ ]?\d{{1,2}}[:.]\d\d[:.]\d\d(?:[.,:]\d{{1,9}})?
        (?:[ ]?(?:Z|UTC|GMT|(?!INFO|WARN|CRIT)[A-Z]{{3,4}}(?=[ ]\[)|[+-]\d\d:?\d\d)(?![\w:]))?
  | (?:{_DAY}[ ])?{_MONTH}[ ][ ]?\d{{1,2}}[ ]\d\d:\d\d:\d\d(?:\.\d{{1,9}})?[ ]\d{{4}}
  | \d\d[-/]{_MONTH}[-/]\d{{4}}[: ]\d\d:\d\d:\d\d(?:\.\d{{1,9}})?(?:[ ](?:UTC|GMT|[+-]\d{{4}}))?
  | \d{{1,2}}[ ]{_MONTH}[ ]\d{{4}}[ ]\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?
  | \d\d[./-]\d\d(?:[./-]\d\d(?:\d\d)?)?[ ]\d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?
  | \d{{8}}-\d{{1,2}}:\d{{1,2}}:\d{{1,2}}(?::\d{{1,3}})?
  | \d{{6}}[ ]\d{{6}}
  | \d\d:\d\d:\d\d(?:[.,]\d{{1,9}})?
)"""
"""For re.VERBOSE: a time at the head of a line, in the spellings that programs use."""

_NUMERIC = re.compile(
    r"(\d{4})[-/.](\d\d)[-/.](\d\d)(?:[T_ -]|,(?= )) ?(\d{1,2})[:.](\d\d)[:.](\d\d)"
    r"(?:[.,:](\d{1,9}))?(?: ?(Z|[A-Z]{3,4}|[+-]\d\d:?\d\d))?"
)
_FORMATS = (
    "%a %b %d %H:%M:%S.%f %Y",
    "%a %b %d %H:%M:%S %Y",
    "%b %d %H:%M:%S %Y",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S.%f",
    "%d-%b-%Y::%H:%M:%S",
    "%d-%b-%Y::%H:%M:%S.%f",
    "%d/%b/%Y:%H:%M:%S",
    "%d %b %Y %H:%M:%S.%f",
    "%b %d, %Y %I:%M:%S %p",
)
_NO_YEAR = re.compile(
    rf"(?:<\d{{1,3}}>)?({_MONTH}) {{1,2}}(\d{{1,2}}) (\d\d):(\d\d):(\d\d)(?! \d{{4}}\b)"
)
_KLOG = re.compile(r"[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)\.(\d{1,6})\d{0,3} ")
_MONTHS = {name: number for number, name in enumerate(_MONTH[3:-1].split("|"), start=1)}
_YEARS = 8
"""In which there is a 29 February, whatever the century."""
_ZONE = re.compile(r" (?:UTC|GMT|[+-]\d{4})$")


def read(text: str) -> datetime | None:
    """The time, aware and in UTC; None where the text does not say all of it, the year included.

    Without a zone it is taken for UTC, and so are the zones' names: they are ambiguous.
    """
    try:
        if found := _NUMERIC.fullmatch(text):
            return _numeric(found)
        if _NO_YEAR.fullmatch(text):  # each line of a syslog; trying every format would take long
            return None
        return _worded(_ZONE.sub("", text))
    except (ValueError, OverflowError):
        return None


def _numeric(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    offset = zone if zone and zone[0] in "+-" else "+00:00"
    micro = (fraction or "0").ljust(6, "0")[:6]
    iso = f"{year}-{month}-{day}T{int(hour):02}:{minute}:{second}.{micro}{offset}"
    return datetime.fromisoformat(iso).astimezone(UTC)


def _worded(text: str) -> datetime | None:
    for spelling in _FORMATS:
        try:
            return datetime.strptime(text, spelling).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def read_without_year(text: str, until: datetime) -> datetime | None:
    """The time that a text begins with as syslog's does, `Nov 21 02:17:35`, or klog's, `E1121
    02:17:35.000123`: the latest such that is no more than a day after `until`."""
    if found := _NO_YEAR.match(text):
        numbers = [_MONTHS[found[1]], *map(int, found.groups()[1:]), 0]
    elif found := _KLOG.match(text):
        *whole, fraction = found.groups()
        numbers = [*map(int, whole), int(fraction.ljust(6, "0"))]
    else:
        return None
    month, day, hour, minute, second, micro = numbers
    for year in range(until.year + 1, until.year - _YEARS, -1):
        try:
            time = datetime(year, month, day, hour, minute, second, micro, UTC)
        except ValueError:
            continue
        if time <= until + timedelta(days=1):
            return time
    return None
