"""Find the evidence: which known error a text speaks of, the innermost cause first."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.core.analysis import Level, Symptom
from bot.core.rules import bystander, codes, names, phrases, vendors
from bot.core.rules import verdicts as v
from bot.core.rules.chain import lines_with, links
from bot.core.rules.finding import Finding, Weight, precise
from bot.core.rules.numbers import by_number
from bot.core.rules.verdicts import Verdict
from bot.core.rules.vocabulary import DATABASE_WORDS

_LINK_LIMIT = 2_000
_GAP = 120


class Phrase(NamedTuple):
    """A phrase of the tables, cut at its gaps."""

    parts: tuple[str, ...]
    weight: Weight
    verdict: Verdict


def _index() -> dict[str, tuple[Phrase, ...]]:
    by_first_word: dict[str, list[Phrase]] = {}
    tables = (
        (phrases.CRITICAL, Weight.CRITICAL),
        (phrases.BYSTANDERS, Weight.BYSTANDER),
        (phrases.PRECISE, Weight.PRECISE),
        (phrases.WEAK, Weight.WEAK),
    )
    for table, weight in tables:
        for text, verdict in table.items():
            first = re.match(r"\w+", text.lstrip("-"))
            if first is None:
                raise ValueError(f"the phrase {text!r} has no word to begin with")
            parts = tuple(text.lstrip("-").split(" * "))
            key = first.group()[:4]
            by_first_word.setdefault(key, []).append(Phrase(parts, weight, verdict))
    return {word: tuple(found) for word, found in by_first_word.items()}


_PHRASES = _index()
_CODES: dict[str, tuple[Weight, Verdict]] = {
    **{name.lower(): (Weight.NAME, verdict) for name, verdict in names.EXACT.items()},
    **{name: (Weight.VENDOR, verdict) for name, verdict in codes.CLOUD_CODES.items()},
    **{name: (Weight.PRECISE, verdict) for name, verdict in codes.KUBERNETES.items()},
    **{name: (Weight.PRECISE, verdict) for name, verdict in codes.TLS_ALERTS.items()},
    **{name: (Weight.PRECISE, verdict) for name, verdict in codes.ERRNO.items()},
    **{name: (Weight.PRECISE, verdict) for name, verdict in vendors.DOTNET_HTTP.items()},
    **{name: (precise(verdict), verdict) for name, verdict in vendors.CAPITALS.items()},
    **{name: (Weight.PRECISE, verdict) for name, verdict in vendors.ELASTICSEARCH.items()},
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
    """The best evidence in one text: the highest weight, then the last, then the longest."""
    return _best_of(_evidence(text))


def all_of(symptom: Symptom) -> list[Finding]:
    """All the evidence there is in what an error says, the best first."""
    found = (one for link in links(symptom) for one in _evidence(link))
    return sorted(found, key=lambda one: one.weight, reverse=True)


def _evidence(text: str) -> list[Finding]:
    """All findings in one text; those in fields that others fill count only where there are no
    others."""
    flat = _flat(text[:_LINK_LIMIT])
    said = _told(list(_findings(flat)), flat)
    values = bystander.values_of_others(flat) if said else []
    return [one for one in said if not any(_reaches_into(one, *value) for value in values)] or said


def _flat(text: str) -> str:
    """The lines of a text, each with white space collapsed. They stay apart: somebody else may
    speak in the next line, so no phrase may span two."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line).replace("’", "'")


def _told(found: Sequence[Finding], flat: str) -> list[Finding]:
    """The findings that count: noise only where the text is about nothing else; otherwise neither
    what a scanner asked for, nor what stands within a failed log-in, whose credentials are not
    ours."""
    spans, is_one_line = [one.span for one in found], "\n" not in flat
    said = [
        one
        for one in found
        if not one.verdict.noise
        or (is_one_line and bystander.is_the_subject(one.span, spans, flat))
    ]
    scans = [one for one in found if one.verdict == v.BOT_NOT_FOUND and one not in said]
    logins = [one for one in said if one.verdict == v.LOGIN_ATTEMPT]
    return [
        one
        for one in said
        if one in logins or not any(_is_within(one, whole) for whole in (*scans, *logins))
    ]


def _is_within(one: Finding, other: Finding) -> bool:
    return other.position <= one.position and one.end <= other.end


def _reaches_into(one: Finding, start: int, end: int) -> bool:
    """Whether a finding begins or ends between `start` and `end`; one that encloses both does
    neither."""
    return start <= one.position < end or start < one.end <= end


def _best_of(found: Sequence[Finding]) -> Finding | None:
    return max(found, key=lambda one: (one.weight, one.end, one.length), default=None)


def _findings(flat: str) -> Iterator[Finding]:
    low = flat.lower()
    yield from _by_word(flat, low)
    yield from _by_shape(flat)
    yield from _by_family(flat)
    yield from by_number(low)


def _by_word(flat: str, low: str) -> Iterator[Finding]:
    for match in _WORD.finditer(low):
        word, start = match.group(), match.start()
        if word in _CODES and _is_written(word, flat[start : match.end()]):
            weight, verdict = _CODES[word]
            yield Finding(weight, start, len(word), verdict, word)
        for phrase in _PHRASES.get(word[:4], ()):
            end = _end_of(phrase, low, start)
            if end:
                yield Finding(phrase.weight, start, end - start, phrase.verdict, low[start:end])


def _is_written(word: str, written: str) -> bool:
    """Whether a code is written as its source writes it: `Loading` is not `LOADING`."""
    if word in vendors.CAPITALS:
        return written.isupper()
    return written != word or word in _AS_WORDS


_SCANNED = (
    r"(?:/\.(?:env|git|aws|svn|htaccess)\b|/wp-(?:login|admin|content|includes)|/xmlrpc\.php"
    r"|/(?:phpmyadmin|pma|cgi-bin|phpunit|actuator|boaform|HNAP1)\b"
    r"|/(?:favicon\.ico|robots\.txt|apple-touch-icon))"
)
"""What scanners and browsers ask every site for; within a path it is a file of our own."""
_SHAPES = (
    (re.compile(r"\bKeyError: '[A-Z][A-Z0-9]*_[A-Z0-9_]+'|os\.environ\["), v.SETTING),
    (re.compile(r"\b(?:MOVED|ASK) \d{1,5} \S+:\d+"), v.DB_CLIENT),
    (
        re.compile(
            rf"{_SCANNED}[^\"\n]{{0,200}}\" (?:40[0345]\b|failed \(2: No such file)"
            rf"|(?<![\w~.-]){_SCANNED}[^\"\n]{{0,200}}[Nn]ot [Ff]ound"
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
            yield Finding.of(match, verdict, weight=precise(verdict), words=match.group()[:60])


def _end_of(phrase: Phrase, low: str, start: int) -> int:
    """Where the phrase ends that begins at `start`; 0 if the text goes on otherwise."""
    if not low.startswith(phrase.parts[0], start):
        return 0
    end = start + len(phrase.parts[0])
    for part in phrase.parts[1:]:
        at = low.find(part, end, end + _GAP + len(part))
        if at < 0 or "\n" in low[end:at]:
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
    weight = Weight.WEAK if verdict is v.UNHANDLED else Weight.NAME
    return Finding.of(match, verdict, weight=weight, words=match.group())


def _family(name: str) -> Verdict:
    humps = frozenset(_HUMP.findall(name))
    for words, verdict in names.FAMILIES:
        if humps & words:
            return verdict
    return v.UNHANDLED


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
    """The verdict on the same trouble where the other side is a database."""
    other = _FOR_A_DATABASE.get(verdict.name)
    if other and any(word in low for word in DATABASE_WORDS):
        return other
    return verdict


_MECHANISMS = frozenset(verdict.name for verdict in (v.CANCELLED, v.UNHANDLED))
"""How something was given up, not why: Python raises TimeoutError from a CancelledError."""


def innermost(symptom: Symptom) -> Finding | None:
    """The evidence of the innermost cause that says something definite, else the best there is; as
    severe as the worst that is definitely said anywhere."""
    said = links(symptom)
    evidence = [found for link in said if (found := _evidence(link))]
    best = _best(evidence)
    if best is None or best.verdict.noise:
        return best
    verdict = _of_a_database(best.verdict, _around(best, said))
    return best._replace(verdict=replace(verdict, severity=_worst(best, evidence)))


def _worst(best: Finding, evidence: Iterable[Sequence[Finding]]) -> Level:
    """The highest severity of the evidence: another error in the text, which may stand there to
    mislead, must not make this one milder.

    A word that only hints counts where the best evidence is no more than a status.
    """
    least = Weight.WEAK if best.weight is Weight.STATUS else Weight.STATUS
    counted = (one.verdict for found in evidence for one in found if one.weight >= least)
    severities = (verdict.severity for verdict in counted if not verdict.noise)
    return max((best.verdict.severity, *severities), key=lambda level: level.rank)


def says_only_that(finding: Finding) -> bool:
    """Whether the evidence says that something failed, but not what. The name of a program's own
    exception says more than `RuntimeException`."""
    is_own = finding.words.endswith(names.ENDINGS) and finding.words not in names.BASES
    return finding.verdict.name == v.UNHANDLED.name and not is_own


def _around(finding: Finding, said: tuple[str, ...]) -> str:
    """The lines that hold the evidence, without fields that others fill: other lines may be about
    something else, or stand there to mislead."""
    lines = lines_with(finding.words, "\n".join(said))
    return "\n".join(map(bystander.without_fields, lines)).lower()


def _best(evidence: Sequence[Sequence[Finding]]) -> Finding | None:
    found = [best for one in evidence if (best := _best_of(one))]
    noise = next((finding for finding in found if finding.verdict.noise), None)
    if noise and _is_all(noise, found):
        return noise
    ours = (_best_of([one for one in link if not one.verdict.noise]) for link in evidence)
    return _definite([finding for finding in ours if finding])


def _is_all(noise: Finding, found: Sequence[Finding]) -> bool:
    """Whether nothing in the error says more than the noise does: the inner causes tell at most how
    a connection ended, and nothing around them tells more."""
    at = found.index(noise)
    return all(one.verdict.name in bystander.ENDS for one in found[:at]) and all(
        one.verdict.noise or one.verdict.name in _MECHANISMS for one in found[at:]
    )


def _definite(found: Sequence[Finding]) -> Finding | None:
    definite = (
        finding
        for finding in found
        if finding.weight >= Weight.NAME and finding.verdict.name not in _MECHANISMS
    )
    return next(definite, None) or max(found, key=lambda finding: finding.weight, default=None)
