"""The header of a raw log line, set aside: when, how bad, who; and the message that is left."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from string import digits
from typing import cast

from bot.core.event import Severity
from bot.core.signing.timestamp import PATTERN as TIME
from bot.core.signing.timestamp import read


@dataclass(frozen=True, slots=True)
class Header:
    """What the head of a line says; "" or None where it does not.

    `time` is aware, in UTC; times without a zone are taken for UTC, those without a year are None.
    """

    message: str
    time: datetime | None = None
    severity: Severity | None = None
    service: str = ""
    logger: str = ""
    host: str = ""
    pid: str = ""


def split(line: str) -> Header:
    """The line's header and its message; a line without a header is all message."""
    start, facts = _scan(line)
    if not start:
        return Header(line)
    return Header(
        message=line[start:],
        time=_time(facts),
        severity=_severity(facts.get("level", ""), facts.get("priority", "")),
        service=facts.get("service", "").strip("-"),
        logger=facts.get("logger", ""),
        host=facts.get("host", "").strip("-"),
        pid=facts.get("pid", "").strip("-"),
    )


def length(line: str) -> int:
    """How long the line's header is: where what `split` calls the message starts, for less work."""
    return _scan(line)[0] if _MAY_HAVE.match(line) else 0


# ---- one regular expression a family of formats; a forwarder wraps headers in its own

_LEVELS = {
    Severity.DEBUG: "DEBUG DBG DEBU TRACE TRC TRAC FINE FINER FINEST VERBOSE V D T"
    " DEBUG1 DEBUG2 DEBUG3 DEBUG4 DEBUG5",
    Severity.INFO: "INFO INF INFORMATION NOTICE NOTE CONFIG LOG STATEMENT DETAIL HINT CONTEXT I N"
    " INFOS INFORMACIÓN INFORMAÇÕES INFORMAZIONI 信息 資訊 情報 정보",
    Severity.WARNING: "WARN WARNING WRN W"
    " WARNUNG AVERTISSEMENT ADVERTENCIA ADVERTÊNCIA AVVERTENZA 警告 경고",
    Severity.ERROR: "ERROR ERR ERRO SEVERE E FAILURE"
    " SCHWERWIEGEND GRAVE 严重 嚴重 致命的 重大 심각",
    Severity.CRITICAL: "CRITICAL CRIT CRT FATAL FATA FTL PNC PANI EMERG EMERGENCY ALERT PANIC F C",
}  # fmt: skip
"""In the languages of Java's own logging, too, which Tomcat writes its log with."""
_BY_LEVEL = {word: severity for severity, words in _LEVELS.items() for word in words.split()}
_BY_OTHER_LEVEL = {
    "trce": Severity.DEBUG,
    "dbug": Severity.DEBUG,
    "fail": Severity.ERROR,
    "PROGRESS": Severity.INFO,
    "CRASH": Severity.ERROR,
    "SUPERVISOR": Severity.ERROR,
}
"""Of .NET's console, and of Erlang's reports."""
_LONG = r"DEBUG\d|" + "|".join(
    sorted((word for word in _BY_LEVEL if len(word) > 2), key=len, reverse=True)
)
"""With PostgreSQL's numbers, whatever they are: where a message starts depends on no digit."""
_BY_PRIORITY = (
    *(Severity.CRITICAL,) * 3,
    Severity.ERROR,
    Severity.WARNING,
    *(Severity.INFO,) * 2,
    Severity.DEBUG,
)

_BRACKET = r"\[(?!client\b)(?:[^\[\]]|\[[^\[\]]{0,80}\]){0,400}\]"
_FORMATS = tuple(
    re.compile(pattern, re.VERBOSE)
    for pattern in (
        # RFC 5424
        r"""<(?P<priority>\d{1,3})>\d{1,2}[ ](?P<time>\S{1,40})[ ](?P<host>\S{1,255})[ ]
                (?P<service>\S{1,48})[ ]
            (?P<pid>\S{1,128})[ ]\S{1,32}[ ](?:-|(?:\[(?:[^\]\\]|\\.){0,1000}\])+)[ ]?
            (?:\ufeff)?""",
        # RFC 3164 and what rsyslog makes of it
        (
            r"""(?:<(?P<priority>\d{1,3})>)?
            (?P<time>[A-Z][a-z][a-z][ ]{1,2}\d{1,2}[ ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?!,?[ ]\d{4}\])
               |\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)
                   (?=[ ][\w.-]{1,255}[ ][\w./-]{1,48}(?:\[\d{1,10}\])?:[ ]))
            [ ]"""
            rf"(?!(?:{_LONG})[ ])"
            r"""(?P<host>[\w.:/@\#-]{1,255})
            (?:[ ]{1,2}(?:--[ ])?(?P<service>[^\s\[\]:()<>"'=]{1,64})(?:\(
                (?P<logger>[^\s()]{1,64})\))?(?:[ ]v?\d[\w.]{0,16})?
               (?:\[(?P<pid>\d{1,10})\])?:(?:[ ]|$))?[ ]?"""
        ),
        # macOS
        (
            r"(?P<time>\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d\.\d{6}[+-]\d{4})[ ]{1,2}"
            r"(?P<host>[\w.-]{1,255})[ ](?P<service>[\w.-]{1,64})\[(?P<pid>\d{1,10})\]:[ ]"
            r"(?:\((?P<logger>[\w.]{1,64})\)[ ])?"
        ),
        # Android
        (
            r"(?P<time>\d\d-\d\d[ ]\d\d:\d\d:\d\d\.\d{1,9})[ ]{1,8}"
            r"(?P<pid>\d{1,7})[ ]{1,8}\d{1,7}[ ](?P<level>[VDIWEF])[ ]"
            r"(?P<logger>[^:\n]{0,80}?)[ ]{0,40}:[ ]"
        ),
        # glog, klog
        (
            r"(?P<level>[IWEF])(?P<time>\d{4}[ ]\d\d:\d\d:\d\d\.\d{1,9})[ ]{1,8}"
            r"(?P<pid>\d{1,10})[ ](?P<logger>[^\s\]]{1,80})\][ ]"
        ),
        # Redis
        (
            r"(?P<pid>\d{1,10}):[A-Z][ ]"
            r"(?P<time>\d\d[ ][A-Z][a-z][a-z][ ]\d{4}[ ]\d\d:\d\d:\d\d\.\d{3})[ ]"
            r"(?P<level>[.*#-])[ ]"
        ),
        # Android's own tool, shorter and as its studio has it
        (
            r"(?P<level>[VDIWEF])/(?P<logger>[^\s:(/]{2,80})[ ]{0,20}"
            r"(?:\([ ]{0,6}(?P<pid>\d{1,7})\))?:[ ]"
        ),
        (
            r"(?P<time>\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d\.\d{3})[ ]{1,8}"
            r"(?P<pid>\d{1,7})-\d{1,7}[ ]{1,4}(?P<logger>\S{1,80})[ ]{1,40}\S{1,160}[ ]{1,40}"
            r"(?P<level>[VDIWEF])[ ]{1,4}"
        ),
        # Heroku's: an application's dyno, or what the platform is by
        (
            r"(?P<time>\d{4}-\d\d-\d\dT\S{8,32})[ ](?:app|heroku)"
            r"\[(?P<logger>[\w.-]{1,64})\]:[ ]"
        ),
        # Chromium, and what is built on it: process, thread, time without a year
        (
            r"\[(?:(?P<pid>\d{1,7}):\d{1,20}:)?\d{4}/\d{6}(?:\.\d{1,6})?:"
            r"(?P<level>VERBOSE|INFO|WARNING|ERROR|FATAL)\d{0,2}:(?P<logger>[\w./-]{1,80})"
            r"\(-?\d{1,6}\)\][ ]"
        ),
        # zerolog and logrus at a terminal
        r"\d{1,2}:\d\d[AP]M[ ](?P<level>TRC|DBG|INF|WRN|ERR|FTL|PNC)[ ]",
        r"(?P<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[\d{4,10}\][ ]",
        # pino at a terminal
        (
            r"\[(?P<time>(?:\d{4}-\d\d-\d\d[ T])?\d\d:\d\d:\d\d\.\d{3}(?:Z|[ ]?[+-]\d{4})?)\][ ]"
            r"(?P<level>TRACE|DEBUG|INFO|WARN|ERROR|FATAL)[ ]\((?:(?P<service>[\w@./-]{1,64})/)?"
            r"(?P<pid>\d{1,10})(?:[ ]on[ ](?P<host>[\w.-]{1,255}))?\):[ ]"
        ),
        # the kernel's ring buffer
        r"(?:<\d{1,3}>)?\[[ ]{0,8}\d{1,12}\.\d{6}\][ ]",
        # Ruby's Logger
        (
            r"[DIWEFA],[ ]\[(?P<time>\S{1,40})[ ]\#(?P<pid>\d{1,10})\][ ]{1,2}"
            r"(?P<level>[A-Z]{3,7})[ ]--[ ](?P<service>[^:\n]{0,64}):(?:[ ]|$)"
        ),
        # Python's default
        rf"(?P<level>{_LONG}):(?P<logger>[A-Za-z_][\w.-]{{0,80}}):(?=\S)",
        # java.util.logging
        (
            r"(?P<time>[A-Z][a-z][a-z][ ]\d{1,2},[ ]\d{4}[ ]\d{1,2}:\d\d:\d\d[ ][AP]M)[ ]"
            r"(?P<logger>[\w.$]{1,120})[ ][\w.$<>]{1,80}\s"
            rf"(?P<level>{_LONG}):[ ]"
        ),
        # .NET's console
        (
            r"(?P<level>trce|dbug|info|warn|fail|crit):[ ]"
            r"(?P<logger>[\w.`+<>-]{1,200})\[\d{1,10}\](?:\s{1,8}|$)"
        ),
        # an archive's or a container runtime's own prefix
        r"(?:-|[A-Z]\w{1,20})[ ](?P<epoch>\d{10})[ ]\d{4}\.\d\d\.\d\d[ ](?P<host>\S{1,64})[ ]",
        r"(?P<time>\d{4}-\d\d-\d\dT\S{8,32})[ ](?:stdout|stderr)[ ][FP][ ]",
        # a machine's event log: record, node, component, state, seconds since 1970, flag
        (r"\d{1,10}[ ](?P<host>\S{1,80})[ ]\S{1,80}[ ]\S{1,80}[ ](?P<epoch>\d{10})[ ]-?\d[ ]"),
        # daemontools' TAI64N
        r"@4[\da-f]{23}[ ]",
        # Erlang's reports
        (
            r"=(?P<level>[A-Z]{4,12})[ ]REPORT====[ ]"
            r"(?P<time>\d{1,2}-[A-Z][a-z][a-z]-\d{4}::\d\d:\d\d:\d\d(?:\.\d{1,6})?)[ ]"
            r"(?:UTC[ ])?===(?:\s|$)"
        ),
        # Django's "verbose"
        (
            rf"(?P<level>{_LONG})[ ](?P<time>\d{{4}}-\d\d-\d\d[ ]\d\d:\d\d:\d\d,\d{{3}})[ ]"
            r"(?P<logger>[A-Za-z_]\w{0,80})[ ](?P<pid>\d{1,10})[ ]\d{1,20}[ ]"
        ),
        # MongoDB to 4.2
        (
            r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4})[ ]"
            r"(?P<level>[DIWEF])\d?[ ]{1,2}(?P<logger>[A-Z]{2,10}|-)[ ]{1,8}\[[\w.:-]{1,80}\][ ]"
        ),
        # SonarQube
        (
            r"(?P<time>\d{4}\.\d\d\.\d\d[ ]\d\d:\d\d:\d\d)[ ]"
            rf"(?P<level>{_LONG})[ ]{{1,2}}(?P<service>[a-z]{{2,10}})\[[\w/+-]{{0,40}}\]"
            r"\[(?P<logger>[\w.$]{1,120})\][ ]"
        ),
        # Odoo
        (
            r"(?P<time>\d{4}-\d\d-\d\d[ ]\d\d:\d\d:\d\d,\d{3})[ ](?P<pid>\d{1,10})[ ]"
            rf"(?P<level>{_LONG})[ ][\w.?-]{{1,63}}[ ]"
            r"(?P<logger>(?:odoo|openerp|werkzeug)[\w.]{0,120}):[ ]"
        ),
        # PBS and TORQUE: time, kind, daemon, class and name of an object
        (
            r"(?P<time>\d\d/\d\d/\d{4}[ ]\d\d:\d\d:\d\d(?:\.\d{1,9})?);[\da-f]{4};"
            r"[ ]{0,4}(?P<service>[\w@-]{1,64})(?:\.(?P<pid>\d{1,10}))?;\w{1,16};[^;]{0,255};"
        ),
        # Ceph's cluster log: time, daemon, its other name and address, number
        (
            r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d{6}(?:[+-]\d{4})?)[ ]"
            r"(?P<service>[a-z]{3,8})\.[\w.-]{1,64}(?:[ ]\([\w.-]{1,64}\)|(?:[ ]\S{1,64}){2})[ ]"
            r"\d{1,12}[ ]:[ ](?P<logger>\w{1,20})[ ]\[(?P<level>DBG|INF|WRN|ERR|SEC)\][ ]"
        ),
        # a level before a time, as Cassandra and Dropwizard have it
        (
            rf"\[?(?P<level>{_LONG})\]?:?[ \t]{{1,8}}(?:{_BRACKET}[ ]{{1,4}})?"
            r"(?=\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:)"
        ),
        # a file's or a container's name before a time
        (
            r"(?:[\w./-]{1,80}(?:[ ]{0,20}\||:|\.\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d)[ ])"
            r"(?=\[?\d{4}[-/]\d\d[-/]\d\d)"
        ),
    )
)
_TIMED = re.compile(rf"[\[(]?(?P<time>{TIME})[\])]?(?=[\s,|:\[\]-]|$)", re.VERBOSE)
_MAY_HAVE = re.compile(
    r"[\[(<]?\d|\[|@4|=[A-Z]{4,12} REPORT=|- \d{10}|[A-Z]{2,20}+ \d{10}"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
    r"|(?:trce|dbug|info|warn|fail|crit): "
    rf"|[IWEF]\d{{4}} |[DIWEFA], \[|[VDIWEF]/\w"
    rf"|(?:TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[\d|(?:{_LONG})(?::\w|\]?:? {{1,8}}[\[\d])"
    r"|[\w./-]{1,80}+(?: {0,20}\||:\d\d:\d\d|:) \[?\d{4}[-/]"
)
_DEPTH = 3


def _scan(line: str) -> tuple[int, dict[str, str]]:
    """Where the message starts, and the facts before it; the innermost header knows best."""
    start, facts = 0, dict[str, str]()
    for _ in range(_DEPTH):
        if not _MAY_HAVE.match(line, start):
            break
        stop, more = _one(line, start)
        if stop == start:
            break
        facts |= _said(more)
        start = stop
    if start and "level" not in facts and (found := _LEVEL_FIRST.match(line, start)):
        start, more = _after_level(line, found.end())
        facts |= _said(more) | {"level": found["level"]}
    return start, facts


def _said(facts: Mapping[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in facts.items() if text}


_LEVEL_FIRST = re.compile(
    r"\[?(?P<level>TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|SEVERE|CRITICAL|FATAL)\]?(?=[ :]{1,4}\S)"
)
"""What an application wrote below the header of whatever carried its line."""


def _one(line: str, start: int) -> tuple[int, dict[str, str | None]]:
    for pattern in _FORMATS:
        if found := pattern.match(line, start):
            return found.end(), found.groupdict()
    if found := _TIMED.match(line, start):
        return _after_time(line, found)
    return start, {}


# ---- a time, then fields in any order up to a level, then whoever says it

_FIELD = re.compile(rf"{_BRACKET}|[^\s|]{{1,80}}")
_LEVEL_OF = re.compile(r"([A-Z]{4,9})\[(\d{1,10})\](?:\[[\w-]{1,40}\])?:?")
_FIELDS = 6
_GAP = re.compile(r"[\s|,]{0,40}")
_NO_TYPE = r"(?![\w.$]{0,200}(?:Error|Exception|Failure|Fault)\b)"
_THREAD = r"""\((?:main
      |[\w-]{0,60}(?:Thread|Worker|Executor|Loop)[\w:.-]{0,60}|(?:[\w/]{1,40}[ ]){1,5}Thread
      |(?=[^()]{0,80}(?:[Tt]hreads?\b|[Tt]ask-|Timer-|I/O-|Pool[ ]--|qtp\d))[^()\s][^()\n]{0,80}\d
      |(?<=\][ ]\()[A-Za-z][\w.\#$-]{0,60}-\d{1,6}
    )\)"""
"""As JBoss, Solr and Home Assistant have it; "(pool is full)" is said of one. Where a logger stands
in brackets before, a thread of any pool."""
_SPRING = rf"""(?:\[(?P<named_by_spring>[\w./-]{{1,64}})\][ ](?=\[(?![\da-f]{{16,32}}-|[ ]{{20}})))?
    (?:{_BRACKET}[ ]){{1,2}}(?P<padded>[^\s:]{{1,160}})[ ]{{1,40}}:(?:\s{{1,4}}|$)"""
"""Spring Boot's application, thread and correlation, and its column of loggers."""
_AFTER_LEVEL = re.compile(
    rf"""
    [\s:|,>-]{{0,40}}
    (?:(?:\[(?P<named_by_sleuth>[\w./-]{{1,64}})(?:,[^\[\],\n]{{0,64}}){{1,3}}\]|{_BRACKET})[ ]
       (?=\d{{1,10}}[ ]---[ ]))?
    (?:(?P<pid>\d{{1,10}})(?:\#\d{{1,10}}:[ ](?:\*\d{{1,12}}[ ])?|[ ]---[ ]))?
    (?:(?<=[ ]---[ ]){_SPRING}|
    (?:(?P<process><\d{{1,6}}\.\d{{1,9}}\.\d{{1,6}}>)[ ])?
    (?:\[pid[ ]\d{{1,10}}(?::tid[ ]\d{{1,20}})?\][ ])?
    (?:\[client[ ][\w.:%-]{{1,80}}\][ ])?
    (?:{_THREAD}[ ]{{1,4}}(?:{_BRACKET}[ ]{{1,4}})?
      |(?:{_BRACKET}[\s:|-]{{0,20}}){{0,2}}(?:{_THREAD}[ ]{{1,4}})?)
    (?:
        (?<=[\])][ ]){_NO_TYPE}
        (?P<classed>(?:[a-z]\w{{0,40}}\.){{1,12}}[A-Z][\w$]{{0,80}}(?:\.[\w$<>]{{1,80}})?
          |(?:[a-z]\.){{2,12}}\w{{1,40}})[ ]{{1,4}}(?![-|: ])
      | {_NO_TYPE}(?!(?:[\da-f]{{2}}:){{3}})
        (?P<logger>[A-Za-z_][\w$-]{{0,80}}(?:(?:[./$]|::?)[\w$<>-]{{1,80}}){{1,16}})
            (?:[ ]?{_BRACKET})?[ ]{{0,40}}(?::|-|\||\]|(?<=\]))\s{{1,4}}
      | (?<!-\s)(?P<named>[A-Za-z_][\w.$-]{{0,64}})[ ]--?[ ]
      | (?<=\|)(?P<piped>[A-Za-z_][\w.$`+<>-]{{0,200}})\|
      | (?P<column>[A-Z]\w{{1,20}})[ ]{{2,40}}(?::[ ])?
      | (?P<caller>[\w./@-]{{1,200}}\.go:\d{{1,6}})[ ]>[ ]
      | (?<=\t)(?:(?P<tabbed>[\w./:-]{{1,80}})\t)?[\w./@-]{{1,120}}:\d{{1,6}}\t
    )?)
    """,
    re.VERBOSE,
)
_AFTER_LEVEL_ALONE = re.compile(
    r"[\s:|,>-]{0,40}(?:\[[\w.-]{1,200}\|(?:worker|task-\d{1,6})(?:\|[\w-]{1,40})?\][ ])?"
)
"""Kafka Connect's own context is no part of the message."""
_CLASS_AT_END = re.compile(r"\((?P<logger>(?:[a-z]\w{0,40}\.){1,12}[\w$]{1,80})(?::\d{1,6})?\)")
_AFTER_NO_LEVEL = re.compile(
    r"\|(?:[\w.-]{1,40}\|){1,3}|[\s:|,-]{0,20}(?:\[(?P<pid>\d{4,10})\][ ])?"
    r"(?:(?P<service>(?!\d+[ ])\w[\w.+-]{0,40})(?::\d{1,6})?(?:[ ]\*\d\d)?[ ]-[ ])?"
)


def _after_time(line: str, time: re.Match[str]) -> tuple[int, dict[str, str | None]]:
    facts: dict[str, str | None] = {"time": time["time"]}
    start = time.end()
    stop, level, pid = _level(line, start)
    if level and (said := _class_at_end(line)):
        alone = _always(_AFTER_LEVEL_ALONE, line, stop)
        return alone.end(), {**facts, "level": level, "pid": pid, "logger": said}
    if level:
        stop, more = _after_level(line, stop)
        return stop, {**facts, "level": level, **more, "pid": more["pid"] or pid}
    plain = _always(_AFTER_NO_LEVEL, line, start)
    said = "logger" if _SOURCE.search(plain["service"] or "") else "service"
    return plain.end(), {**facts, "pid": plain["pid"], said: plain["service"]}


_SOURCE = re.compile(r"\.(?:java|kt|scala|groovy|py|rb|go|js|ts|php|cs|rs|c|cc|cpp)$")
"""Who says it is a file, as Cassandra has it, and no service."""


def _after_level(line: str, start: int) -> tuple[int, dict[str, str | None]]:
    after = _always(_AFTER_LEVEL, line, start)
    logger = next(filter(None, map(after.group, _LOGGERS)), None)
    return after.end(), {
        "pid": after["pid"] or after["process"],
        "logger": logger,
        "service": after["named_by_spring"] or after["named_by_sleuth"],
    }


_LOGGERS = ("padded", "logger", "classed", "named", "piped", "column", "caller", "tabbed")


def _class_at_end(line: str) -> str:
    """The class that ends the first line, as Kafka has it: then brackets before are the message."""
    first = line.partition("\n")[0]
    found = first.endswith(")") and _CLASS_AT_END.fullmatch(first, first.rfind("("))
    return found["logger"] if found else ""


def _always(pattern: re.Pattern[str], line: str, start: int) -> re.Match[str]:
    """The match of a pattern all of whose parts are optional."""
    return cast("re.Match[str]", pattern.match(line, start))


def _level(line: str, start: int) -> tuple[int, str, str]:
    """Where the level among the next fields ends, the level, and a process id before it."""
    place, pid = start, ""
    for number in range(_FIELDS):
        gap = _GAP.match(line, place)
        field = _FIELD.match(line, gap.end() if gap else place)
        if field is None:
            break
        place, text = field.end(), field[0]
        word = text.strip("[](){}<>:,-! ").rpartition(":")[2]
        if found := _LEVEL_OF.fullmatch(text):  # Asterisk's `LEVEL[pid][call]:`
            word, pid = found.groups()
        if text.endswith(":"):  # Monolog's `channel.LEVEL:`
            word = word.rpartition(".")[2]
        if "/" in word and text.endswith("]"):  # Celery's `LEVEL/worker]`
            word = word.partition("/")[0]
        if word.startswith("DEBUG"):
            word = word.rstrip(digits)
        if _is_level(word, first=number == 0, bracketed=text[0] in "[<("):
            return place, word.upper(), pid
        if text.endswith(":") and len(text) > 1:
            break
        pid = word if word.isdecimal() and not pid else pid
    return start, "", ""


def _is_level(word: str, *, first: bool, bracketed: bool) -> bool:
    if len(word) == 1:
        return (first or bracketed) and word in _BY_LEVEL
    return word in _BY_LEVEL or ((first or bracketed) and word.upper() in _BY_LEVEL)


def _severity(level: str, priority: str) -> Severity | None:
    if level in ("#", "*", "-", "."):
        return (
            Severity.WARNING if level == "#" else Severity.DEBUG if level == "." else Severity.INFO
        )
    if level:
        return _BY_LEVEL.get(level.upper().rstrip(digits)) or _BY_OTHER_LEVEL.get(level)
    return _BY_PRIORITY[int(priority) % 8] if priority else None


def _time(facts: dict[str, str]) -> datetime | None:
    if "time" in facts and (time := read(facts["time"])):
        return time
    return datetime.fromtimestamp(int(facts["epoch"]), UTC) if "epoch" in facts else None
