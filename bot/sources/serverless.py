"""What AWS Lambda puts around the lines that a function writes, and how it writes down a crash."""

import re
from datetime import datetime

import orjson

from bot.sources import sanitise

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
_PYTHON = re.compile(rf"\[(?P<level>[A-Z]{{4,8}})\]\t(?P<time>{_TIME})\t(?:{_ID})?\t")
_NODE = re.compile(rf"(?P<time>{_TIME})\t(?:{_ID}|undefined)\t(?P<level>[A-Z]{{4,8}})\t")
_TIMEOUT = re.compile(rf"(?P<time>{_TIME}) {_ID} (?=Task timed out after )")
_EXIT = re.compile(rf"RequestId: {_ID} Error: ")
_UNCAUGHT = re.compile(
    r"\[ERROR\] (?P<raised>[^\n]{1,2000})\n(?=Traceback \(most recent call last\):\n)"
)
_RAISED = re.compile(
    r"(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection)\s{1,4}(?=\{)"
)
_PLATFORM = re.compile(
    r"(?:START|END|REPORT|INIT_START|INIT_REPORT|RESTORE_START|RESTORE_REPORT|XRAY)"
    r" (?:RequestId|Runtime Version|Init Duration|Restore Duration|TraceId): "
)
_BREAK = re.compile(r"\r\n|\r|\n")


def lines(message: str, time: datetime) -> list[str]:
    """The lines of a message of that time, as others write such: with the level behind the time,
    without the id of the request, and what was raised below the calls of a traceback, too. What
    Lambda says of its own doing are none."""
    now = f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1_000:03}Z"
    text = _BREAK.sub("\n", message.replace("\xa0", " ")).strip("\n")
    if _PLATFORM.match(text):
        return []
    if text.startswith("{"):
        return [text.replace("\n", " ")]
    if found := _UNCAUGHT.match(text):
        trace = text[found.end() :].rstrip()
        return _logged(now, "ERROR", f"{found['raised']}\n{trace}\n{found['raised']}")
    if found := _PYTHON.match(text) or _NODE.match(text):
        return _logged(found["time"], found["level"], text[found.end() :])
    if found := _TIMEOUT.match(text):
        return _logged(found["time"], "ERROR", text[found.end() :])
    if found := _EXIT.match(text):
        return _logged(now, "ERROR", text[found.end() :].replace("\n", " "))
    return text.split("\n")


def _logged(time: str, level: str, said: str) -> list[str]:
    if found := _RAISED.match(said):
        raised = _object(said[found.end() :])
        if raised:
            return [sanitise.plain({"time": time, "level": level, **raised})]
    return f"{time} [{level}] {said}".split("\n")


def _object(said: str) -> dict[str, object]:
    try:
        found = orjson.loads(said)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
