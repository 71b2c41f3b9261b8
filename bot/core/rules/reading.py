"""Finding the evidence: which known error a text speaks of, the innermost cause first."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from typing import NamedTuple

from bot.core import header
from bot.core.analysis import Case, Category, Level
from bot.core.rules import bystander, codes, names, phrases, vendors
from bot.core.rules import verdicts as v
from bot.core.rules.bystander import Span
from bot.core.rules.verdicts import Verdict
from bot.core.rules.vocabulary import DATABASE_WORDS, VOCABULARY

_LINK_LIMIT = 2_000
_TEXT_LIMIT = 24_000
_LINKS = 16
_GAP = 120


class Tier(IntEnum):
    """How much a kind of evidence is worth: a lower one counts when there is no higher one."""

    WEAK = 1
    STATUS = 2
    NAME = 3
    PRECISE = 4
    VENDOR = 5
    BYSTANDER = 6
    CRITICAL = 7


class Finding(NamedTuple):
    """A verdict, where it was found, and the words that led to it."""

    tier: Tier
    position: int
    length: int
    verdict: Verdict
    words: str

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.position + self.length

    @property
    def span(self) -> Span:
        """Where it was found, without what it is worth."""
        return Span(self.position, self.end, self.verdict)


class Phrase(NamedTuple):
    """A phrase of the tables, cut at its gaps."""

    parts: tuple[str, ...]
    tier: Tier
    verdict: Verdict


def _index() -> dict[str, tuple[Phrase, ...]]:
    by_first_word: dict[str, list[Phrase]] = {}
    tables = (
        (phrases.CRITICAL, Tier.CRITICAL),
        (phrases.BYSTANDERS, Tier.BYSTANDER),
        (phrases.PRECISE, Tier.PRECISE),
        (phrases.WEAK, Tier.WEAK),
    )
    for table, tier in tables:
        for text, verdict in table.items():
            first = re.match(r"\w+", text.lstrip("-"))
            if first is None:
                raise ValueError(f"the phrase {text!r} has no word to begin with")
            parts = tuple(text.lstrip("-").split(" * "))
            key = first.group()[:4]
            by_first_word.setdefault(key, []).append(Phrase(parts, tier, verdict))
    return {word: tuple(found) for word, found in by_first_word.items()}


def _tier_of(verdict: Verdict) -> Tier:
    return Tier.BYSTANDER if verdict.noise else Tier.PRECISE


_PHRASES = _index()
_CODES: dict[str, tuple[Tier, Verdict]] = {
    **{name.lower(): (Tier.NAME, verdict) for name, verdict in names.EXACT.items()},
    **{name: (Tier.VENDOR, verdict) for name, verdict in codes.CLOUD_CODES.items()},
    **{name: (Tier.PRECISE, verdict) for name, verdict in codes.KUBERNETES.items()},
    **{name: (Tier.PRECISE, verdict) for name, verdict in codes.TLS_ALERTS.items()},
    **{name: (Tier.PRECISE, verdict) for name, verdict in codes.ERRNO.items()},
    **{name: (Tier.PRECISE, verdict) for name, verdict in vendors.DOTNET_HTTP.items()},
    **{name: (_tier_of(verdict), verdict) for name, verdict in vendors.CAPITALS.items()},
    **{name: (Tier.PRECISE, verdict) for name, verdict in vendors.ELASTICSEARCH.items()},
}
_AS_WORDS = (
    frozenset(codes.TLS_ALERTS)
    | frozenset(vendors.ELASTICSEARCH)
    | {name for name in names.EXACT if name.islower()}
)
_WORD = re.compile(r"[a-z0-9_]+")
_NAME = re.compile(r"[A-Z][A-Za-z0-9]{3,80}")
_SNAKE = re.compile(r"\b[a-z]{2,30}(?:_[a-z]{2,30}){1,6}_(?:exception|error|failure|timeout)\b")
_HUMP = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z][a-z0-9]+|[A-Z]+")


def find(text: str) -> Finding | None:
    """The best evidence in one text: the highest tier, then the last, then the longest."""
    return _best_of(_evidence(text))


def _evidence(text: str) -> list[Finding]:
    """All that is found in one text; noise only where the text is about nothing else."""
    flat = " ".join(text[:_LINK_LIMIT].split()).replace("’", "'")
    found = list(_findings(flat))
    spans, is_one_line = [one.span for one in found], "\n" not in text.strip()
    return [
        one
        for one in found
        if not one.verdict.noise
        or (is_one_line and bystander.is_the_subject(one.span, spans, flat))
    ]


def _best_of(found: Sequence[Finding]) -> Finding | None:
    return max(found, key=lambda one: (one.tier, one.end, one.length), default=None)


def _findings(flat: str) -> Iterator[Finding]:
    low = flat.lower()
    yield from _by_word(flat, low)
    yield from _by_shape(flat)
    yield from _by_family(flat)
    yield from _by_number(low)


def _by_word(flat: str, low: str) -> Iterator[Finding]:
    for match in _WORD.finditer(low):
        word, start = match.group(), match.start()
        if word in _CODES and _is_written(word, flat[start : match.end()]):
            tier, verdict = _CODES[word]
            yield Finding(tier, start, len(word), verdict, word)
        for phrase in _PHRASES.get(word[:4], ()):
            end = _end_of(phrase, low, start)
            if end:
                yield Finding(phrase.tier, start, end - start, phrase.verdict, low[start:end])


def _is_written(word: str, written: str) -> bool:
    """Whether a code stands there the way its source writes it: `Loading` is no `LOADING`."""
    if word in vendors.CAPITALS:
        return written.isupper()
    return written != word or word in _AS_WORDS


_SHAPES = (
    (re.compile(r"\bKeyError: '[A-Z][A-Z0-9]*_[A-Z0-9_]+'|os\.environ\["), v.SETTING),
    (re.compile(r"\b(?:MOVED|ASK) \d{1,5} \S+:\d+"), v.DB_CLIENT),
    (
        re.compile(
            r"(?:/\.(?:env|git|aws|svn|htaccess)\b|/wp-(?:login|admin|content|includes)|/xmlrpc\.php"
            r"|/(?:phpmyadmin|pma|cgi-bin|phpunit|actuator|boaform|HNAP1)\b|/(?:favicon\.ico"
            r"|robots\.txt|apple-touch-icon))[^\"]{0,200}"
            r"(?:\" 40[0345]\b|\" failed \(2: No such file|[Nn]ot [Ff]ound)"
            r"|No (?:route matches|mapping for) \[?[A-Z]+\]? \"?"
            r"/(?:wp-|xmlrpc|phpmyadmin|\.env|\.git|favicon|robots|apple-touch)"
        ),
        v.BOT_NOT_FOUND,
    ),
    (re.compile(r"open\(\) \"[^\"]{1,300}\" failed \(2: .{1,300}?request: \""), v.NOT_FOUND),
    (re.compile(r"\bInvalid user \S{0,64} ?from (?:[\da-fA-F.:]+|<ip>)(?: port \d+)?"), v.PROBE),
)
"""What only its form tells: a variable of the environment, a redirect, a request of a scanner."""


def _by_shape(flat: str) -> Iterator[Finding]:
    for shape, verdict in _SHAPES:
        match = shape.search(flat)
        if match:
            yield _numbered(_tier_of(verdict), match, verdict, match.group()[:60])


def _end_of(phrase: Phrase, low: str, start: int) -> int:
    """Where the phrase that begins at `start` ends; 0 if it is another."""
    if not low.startswith(phrase.parts[0], start):
        return 0
    end = start + len(phrase.parts[0])
    for part in phrase.parts[1:]:
        at = low.find(part, end, end + _GAP + len(part))
        if at < 0:
            return 0
        end = at + len(part)
    return end


def _by_family(flat: str) -> Iterator[Finding]:
    for match in _NAME.finditer(flat):
        name = match.group()
        if name.endswith(names.ENDINGS) and name.lower() not in _CODES:
            yield _named(match, _family(name))
    for match in _SNAKE.finditer(flat):
        name = match.group().title().replace("_", "")
        if match.group() not in _CODES:
            yield _named(match, names.EXACT.get(name) or _family(name))


def _named(match: re.Match[str], verdict: Verdict) -> Finding:
    tier = Tier.WEAK if verdict is v.UNHANDLED else Tier.NAME
    return _numbered(tier, match, verdict, match.group())


def _family(name: str) -> Verdict:
    humps = frozenset(_HUMP.findall(name))
    for words, verdict in names.FAMILIES:
        if humps & words:
            return verdict
    return v.UNHANDLED


# --- numbers -----------------------------------------------------------------------------------

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


def _of_vendors(low: str) -> Iterator[Finding]:
    for pattern, table in ((_CURL, vendors.CURL), (_NSURL, vendors.NSURL)):
        for match in pattern.finditer(low):
            if verdict := table.get(int(match[1])):
                yield _numbered(_tier_of(verdict), match, verdict, match.group())
    for match in _WINDOWS.finditer(low):
        if verdict := vendors.WINDOWS.get(match.group()):
            yield _numbered(Tier.PRECISE, match, verdict, match.group())
    for match in _MAIL.finditer(low):
        yield _numbered(Tier.PRECISE, match, vendors.MAIL_SUBJECTS[match[1]], match.group())


def _by_number(low: str) -> Iterator[Finding]:
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


def _sqlstates(low: str) -> Iterator[Finding]:
    for match in _SQLSTATE.finditer(low):
        code = _group(match)
        verdict = codes.SQLSTATES.get(code) or codes.SQLSTATE_CLASSES.get(code[:2])
        if verdict:
            yield _numbered(Tier.PRECISE, match, verdict, f"SQLSTATE {code.upper()}")


def _ranged(pattern: re.Pattern[str], low: str, table: codes.Ranges) -> Iterator[Finding]:
    for match in pattern.finditer(low):
        number = int(_group(match))
        for first, last, verdict in table:
            if first <= number <= last:
                yield _numbered(Tier.PRECISE, match, verdict, match.group().strip(" ,"))
                break


def _errnos(low: str) -> Iterator[Finding]:
    for match in _ERRNO.finditer(low):
        name = codes.ERRNO_NUMBERS.get(int(_group(match)))
        if name:
            yield _numbered(Tier.PRECISE, match, codes.ERRNO[name], name.upper())


def _statuses(low: str) -> Iterator[Finding]:
    for match in _HTTP.finditer(low):
        number = int(_group(match))
        verdict = codes.HTTP.get(number) or codes.HTTP_CLASSES.get(number // 100)
        if verdict:
            yield _numbered(Tier.STATUS, match, verdict, f"HTTP {_group(match)}")
    for match in _GRPC.finditer(low):
        name = _grpc_name(match)
        if name in codes.GRPC:
            yield _numbered(Tier.STATUS, match, codes.GRPC[name], f"gRPC {name}")


def _grpc_name(match: re.Match[str]) -> str:
    by_name, by_go, number, after = match.groups()
    if number is None:
        return (by_name or by_go).replace("_", "")
    name = codes.GRPC_NUMBERS.get(int(number), "")
    return name if after.replace("_", "") == name else ""


def _group(match: re.Match[str]) -> str:
    return next(group for group in match.groups() if group)


def _numbered(tier: Tier, match: re.Match[str], verdict: Verdict, words: str) -> Finding:
    return Finding(tier, match.start(), match.end() - match.start(), verdict, words)


# --- what it talked to -------------------------------------------------------------------------

_FOR_A_DATABASE = {
    v.RESET.name: v.DB_LOST,
    v.TIMEOUT.name: v.DB_TIMEOUT,
    v.UNAVAILABLE.name: v.DB_UNAVAILABLE,
    v.CREDENTIALS.name: v.DB_LOGIN,
    v.CORRUPTION.name: v.DATABASE_CORRUPTION,
    v.VALIDATION.name: v.DB_DATA,
    v.OVERLOAD.name: v.DB_POOL,
}
"""Refused, unreachable and unresolved stay with the network: the database was never reached."""


def _of_a_database(verdict: Verdict, low: str) -> Verdict:
    """The same trouble where the other side is a database."""
    other = _FOR_A_DATABASE.get(verdict.name)
    if other and any(word in low for word in DATABASE_WORDS):
        return other
    return verdict


# --- what a case says --------------------------------------------------------------------------

_SEPARATORS = re.compile(
    r"\n(?:The above exception was the direct cause of the following exception:"
    r"|During handling of the above exception, another exception occurred:)\n"
)
_CAUSE = re.compile(
    r"(?m)^[ \t]*(?:Caused by:?|\[cause\]:|Suppressed:|Inner Exception:?|cause:)[ \t]*"
)
_GROUP = re.compile(r"(?m)^ {2,8}[|+] ?")
"""The margin of Python's exception groups."""
_FRAME = re.compile(r"^\s+\S|^goroutine \d|^Traceback|^\s*$|^[\w./$()*]+\([^:]*\)$|^\s*at ")


def links(case: Case) -> tuple[str, ...]:
    """What the case says, one text per exception, from the innermost cause to the outermost."""
    said = _first_of(case.message, case.title, case.template)
    outer = said if case.error_type in said else f"{case.error_type}: {said}"
    body = f"{said}\n{case.stack}"[:_TEXT_LIMIT] if case.stack else said[:_TEXT_LIMIT]
    inner = [*_causes(body), *_python_blocks(body)]
    return tuple(dict.fromkeys([*inner[:_LINKS], _heads(outer[:_TEXT_LIMIT])]))


def _first_of(*texts: str) -> str:
    return next((text for text in texts if text.strip()), "")


def _causes(body: str) -> list[str]:
    """Java's, Rust's and Node's causes, and .NET's arrows, innermost first."""
    parts = _CAUSE.split(body)[1:]
    arrows = body.split(" ---> ")[1:]
    return [_first_line(part) for part in reversed([*parts, *arrows])]


def _python_blocks(body: str) -> list[str]:
    """The last line of each traceback of a chain; Python prints the innermost first."""
    if "Traceback (most recent call last)" not in body:
        return []
    return [_last_line(block) for block in _SEPARATORS.split(_GROUP.sub("", body))]


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]


def _last_line(block: str) -> str:
    said = [line for line in block.split("\n") if line[:1].isalpha() and line[:5] != "Trace"]
    return said[-1] if said else ""


def _heads(text: str) -> str:
    """The lines that speak, without the frames of a stack."""
    lines = text.split("\n")
    said = [lines[0], *(line for line in lines[1:] if not _FRAME.match(line))]
    return "\n".join(said[:20])


_MECHANISMS = frozenset(verdict.name for verdict in (v.CANCELLED, v.UNHANDLED))
"""How something was given up, not why: Python raises TimeoutError from a CancelledError."""


def innermost(case: Case) -> Finding | None:
    """The evidence of the innermost cause that says something definite, else the best there is; as
    severe as the worst that is definitely said."""
    said = links(case)
    evidence = [found for link in said if (found := _evidence(link))]
    best = _best(evidence)
    if best is None or best.verdict.noise:
        return best
    verdict = _of_a_database(best.verdict, _around(best, said))
    return best._replace(verdict=replace(verdict, severity=_worst(best, evidence)))


def _worst(best: Finding, evidence: Iterable[Sequence[Finding]]) -> Level:
    """Another error in the text, be it put there to mislead, makes this one no milder; a word that
    only hints is as good as a status."""
    least = Tier.WEAK if best.tier is Tier.STATUS else Tier.STATUS
    counted = (one.verdict for found in evidence for one in found if one.tier >= least)
    severities = (verdict.severity for verdict in counted if not verdict.noise)
    return max((best.verdict.severity, *severities), key=lambda level: level.rank)


def says_only_that(finding: Finding) -> bool:
    """Whether the evidence says that something failed, and nothing of what: a name that a program
    has for an error of its own says more than `RuntimeException`."""
    is_own = finding.words.endswith(names.ENDINGS) and finding.words not in names.BASES
    return finding.verdict.name == v.UNHANDLED.name and not is_own


def _around(finding: Finding, said: tuple[str, ...]) -> str:
    """The first line of each text, and those that hold the evidence: what stands in other lines may
    be about something else, or be there to mislead."""
    words = finding.words.lower()
    lines = (line for text in said for line in _first_and_with(words, text.lower()))
    return "\n".join(lines)


def _first_and_with(words: str, low: str) -> list[str]:
    return [line for line in low.split("\n") if words in line]


def _best(evidence: Sequence[Sequence[Finding]]) -> Finding | None:
    found = [best for one in evidence if (best := _best_of(one))]
    noise = next((finding for finding in found if finding.verdict.noise), None)
    if noise and _is_all(noise, found):
        return noise
    ours = (_best_of([one for one in link if not one.verdict.noise]) for link in evidence)
    return _definite([finding for finding in ours if finding])


def _is_all(noise: Finding, found: Sequence[Finding]) -> bool:
    """Whether the causes within tell at most how a connection ended, and nothing around them tells
    more than the noise does."""
    at = found.index(noise)
    return all(one.verdict.name in bystander.ENDS for one in found[:at]) and all(
        one.verdict.noise or one.verdict.name in _MECHANISMS for one in found[at:]
    )


def _definite(found: Sequence[Finding]) -> Finding | None:
    definite = (
        finding
        for finding in found
        if finding.tier >= Tier.NAME and finding.verdict.name not in _MECHANISMS
    )
    return next(definite, None) or max(found, key=lambda finding: finding.tier, default=None)


_CLAUSE = re.compile(r": | - | \| |; |\n")
_ASIDE = re.compile(r"^(?:\[[^\]\n]{1,80}\] ?)+|\((?=[^()\n]*\d)[^()\n]{1,40}\)")
"""A thread, an id: who says it, and of which request."""
_NAME_WORDS = 2


def hint(case: Case) -> Category | None:
    """The part of the world that most words of what failed come from, else of who says so.

    What failed is the innermost clause that is no mere name. What a wrapper, or somebody who
    reports the error, says before it does not count: it tells what was wanted, not what failed.
    """
    said = _first_of(case.message, case.title, case.template)[:_LINK_LIMIT]
    spoken = _ASIDE.sub(" ", bystander.without_fields(said[header.length(said) :]))
    return next(filter(None, map(_leading, _told(_CLAUSE.split(spoken)))), None)


def _told(clauses: Sequence[str]) -> Iterator[list[str]]:
    """The words of the innermost sentence, and of the names around it, from within."""
    is_said = False
    for words in (_WORD.findall(clause.lower()) for clause in reversed(clauses)):
        is_name = len(words) <= _NAME_WORDS
        if is_name or not is_said:
            yield words
        is_said = is_said or not is_name


def _leading(words: Iterable[str]) -> Category | None:
    known = {word for word in words if word in VOCABULARY}
    votes = Counter(VOCABULARY[word] for word in known).most_common(2)
    if not votes or (len(votes) > 1 and votes[0][1] == votes[1][1]):
        return None
    return votes[0][0]
