"""What numbers say: those of SQLSTATE, errno, HTTP and gRPC, and those of single vendors."""

import re
from collections.abc import Iterator

from bot.core.rules import codes, vendors
from bot.core.rules.finding import Finding, Weight, precise

_SQLSTATE = re.compile(
    r"sqlstate\W{0,3}([0-9a-z]{5})\b"
    r"|\b(?:error )?\d{4,6}:? \(([0-9a-z]{5})\)"
    r"|\b(?:error|fatal|panic|code)\b\W{1,4}(?=[0-9a-z]{0,4}\d)([0-9fhpx][0-9a-z]{4})\b"
)
_ORACLE = re.compile(r"\bora-(\d{5})\b")
_MYSQL = re.compile(
    r"\berror(?: code)?:? (\d{4})\b(?! *%)|(?:error|exception|err)\W{1,3}(\d{4}), |\[(\d{4})\]"
)
_SQL_SERVER = re.compile(
    r"\bmsg (\d{2,5}), level|\berror: (\d{2,5}), severity|\bsql ?server\b.{0,80}?\((\d{2,5})\)"
)
_ERRNO = re.compile(
    r"\berrno[\]:= ]{0,3}(\d{1,5})\b|\bos error (\d{1,5})\b|\((\d{1,3}): [a-z]"
    r"|\bwinerror (\d{1,5})\b"
)
_GRPC = re.compile(r"\bstatuscode[.:]\W?([a-z_]+)|\bcode = ([a-z]+)|\b(\d{1,2}) ([a-z_]{5,20}):")
_HTTP = re.compile(
    r"\bhttp/\d(?:\.\d)?\"? (\d{3})\b"
    r"|\bstatus(?:[ _-]?code)?(?: of)?\W{0,3}(?:http )?(\d{3})\b"
    r"|\bhttp(?: error| status| code)*\W{1,3}(\d{3})\b"
    r"|\b(?:response|returned|responded with|got|error|server error|client error)"
    r"(?: code| status)?\W{1,3}([45]\d\d)\b(?!\.)"
    r"|\b(4\d\d|5\d\d) (?:client|server|bad|unauth|forbid|not|method|request|conflict|gone"
    r"|payload|unproc|too many|internal|service|gateway)"
)
_CURL = re.compile(r"\bcurl(?: error|:)? \(?(\d{1,2})\b")
_NSURL = re.compile(r"\bnsurlerrordomain\W{1,3}(?:error |code[=: ]{1,2})?-(\d{3,4})\b")
_WINDOWS = re.compile(r"\b0x[8ce][0-9a-f]{7}\b")
_MAIL = re.compile(r"\b[45]\d\d[ -][45]\.([1-7])\.\d{1,2}\b")


def by_number(low: str) -> Iterator[Finding]:
    """All findings that the numbers in a text in lower case lead to."""
    yield from _of_vendors(low)
    yield from _sqlstates(low)
    if "ora-" in low:
        yield from _ranged(_ORACLE, low, codes.ORACLE)
    if "mysql" in low or "mariadb" in low or "operationalerror" in low or "error" in low:
        yield from _ranged(_MYSQL, low, codes.MYSQL)
    if "severity" in low or "level" in low or "server" in low:
        yield from _ranged(_SQL_SERVER, low, codes.SQL_SERVER)
    yield from _errnos(low)
    yield from _statuses(low)


def _of_vendors(low: str) -> Iterator[Finding]:
    for pattern, table in ((_CURL, vendors.CURL), (_NSURL, vendors.NSURL)):
        for match in pattern.finditer(low):
            if verdict := table.get(int(match[1])):
                yield Finding.of(match, verdict, weight=precise(verdict), words=match.group())
    for match in _WINDOWS.finditer(low):
        if verdict := vendors.WINDOWS.get(match.group()):
            yield Finding.of(match, verdict, weight=Weight.PRECISE, words=match.group())
    for match in _MAIL.finditer(low):
        yield Finding.of(
            match, vendors.MAIL_SUBJECTS[match[1]], weight=Weight.PRECISE, words=match.group()
        )


def _sqlstates(low: str) -> Iterator[Finding]:
    for match in _SQLSTATE.finditer(low):
        code = _group(match)
        verdict = codes.SQLSTATES.get(code) or codes.SQLSTATE_CLASSES.get(code[:2])
        if verdict:
            yield Finding.of(
                match, verdict, weight=Weight.PRECISE, words=f"SQLSTATE {code.upper()}"
            )


def _ranged(pattern: re.Pattern[str], low: str, table: codes.Ranges) -> Iterator[Finding]:
    for match in pattern.finditer(low):
        number = int(_group(match))
        for first, last, verdict in table:
            if first <= number <= last:
                yield Finding.of(
                    match, verdict, weight=Weight.PRECISE, words=match.group().strip(" ,")
                )
                break


def _errnos(low: str) -> Iterator[Finding]:
    for match in _ERRNO.finditer(low):
        name = codes.ERRNO_NUMBERS.get(int(_group(match)))
        if name:
            yield Finding.of(match, codes.ERRNO[name], weight=Weight.PRECISE, words=name.upper())


def _statuses(low: str) -> Iterator[Finding]:
    for match in _HTTP.finditer(low):
        number = int(_group(match))
        verdict = codes.HTTP.get(number) or codes.HTTP_CLASSES.get(number // 100)
        if verdict:
            yield Finding.of(match, verdict, weight=Weight.STATUS, words=f"HTTP {_group(match)}")
    for match in _GRPC.finditer(low):
        name = _grpc_name(match)
        if name in codes.GRPC:
            yield Finding.of(match, codes.GRPC[name], weight=Weight.STATUS, words=f"gRPC {name}")


def _grpc_name(match: re.Match[str]) -> str:
    by_name, by_go, number, after = match.groups()
    if number is None:
        return (by_name or by_go).replace("_", "")
    name = codes.GRPC_NUMBERS.get(int(number), "")
    return name if after.replace("_", "") == name else ""


def _group(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)
