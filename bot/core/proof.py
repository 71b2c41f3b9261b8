"""What of a model's answer stands up to what it was shown: nothing else of it reaches anybody.

The answer has no authority. It never makes anything noise and never lowers a severity, and where
the rules are sure whose it is, that stays theirs. A text that tells people to do something
dangerous, or that has nothing to say, gives way to that of the rules.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.core import harm, plain
from bot.core.analysis import Analysis, Confidence
from bot.core.prompt import Answer, Prompt
from bot.core.redaction import Redactor
from bot.core.rules import verdicts

NOT_ENOUGH = "not enough evidence"
ONLY_FACTS = "no word of the error quoted"
"""What we counted is quoted rightly by anybody: it proves nothing of what the error means."""
UNPROVEN = "[not in the evidence]"
QUOTES = 5
ACTIONS = 4
SHORTEST_QUOTE = 8
"""Anything shorter is found by chance in any text."""
_LINE, _SENTENCE, _PARAGRAPH = 160, 300, 700
_MOST = 2_000
"""As much of a text is looked at: the rest is never shown."""


def check(answer: Answer, prompt: Prompt, by_rules: Analysis, *, redact: Redactor) -> Analysis:
    """The analysis that may be shown: the model's as far as it is proven, or that of the rules with
    the reason in `checked`. Names of customers are put back, save in the customer's wording."""
    offered = len(answer.evidence[:QUOTES])
    quotes = _verified(answer.evidence[:QUOTES], prompt.shown)
    checked = f"{len(quotes)} of {offered} quotes verified"
    if not answer.enough_evidence:
        return replace(by_rules, checked=NOT_ENOUGH)
    if not quotes:
        return replace(by_rules, checked=checked)
    if not _verified(quotes, prompt.texts):
        return replace(by_rules, checked=ONLY_FACTS)
    told = _Told(prompt, by_rules, redact)
    is_proven = len(quotes) == offered and told.names_nothing_new(answer)
    return replace(
        _judged(answer, by_rules),
        confidence=answer.confidence if is_proven else _at_most_medium(answer.confidence),
        summary=told.text(answer.summary, by_rules.summary, _LINE),
        explanation=told.text(answer.explanation, by_rules.explanation, _PARAGRAPH),
        user_impact=told.text(answer.user_impact, by_rules.user_impact, _SENTENCE),
        likely_cause=told.text(answer.likely_cause, by_rules.likely_cause, _SENTENCE),
        immediate_actions=told.actions(answer.immediate_actions),
        customer_communication=told.to_customers(answer.customer_communication),
        evidence=tuple(told.safe(quote, _SENTENCE) for quote in quotes),
        checked=checked,
    )


def _judged(answer: Answer, by_rules: Analysis) -> Analysis:
    """The verdict without its words: worse than by the rules at most, and theirs where sure."""
    severity = max(answer.severity, by_rules.severity, key=lambda level: level.rank)
    critical = answer.affects_critical_operation or by_rules.affects_critical_operation
    worse = replace(by_rules, severity=severity, affects_critical_operation=critical)
    if by_rules.confidence is Confidence.HIGH:
        return worse
    bug = answer.real_application_bug
    return replace(worse, category=answer.category, real_application_bug=bug)


def _at_most_medium(said: Confidence) -> Confidence:
    return Confidence.LOW if said is Confidence.LOW else Confidence.MEDIUM


def _verified(quotes: Iterable[str], shown: Iterable[str]) -> list[str]:
    """Those that stand in a text word for word; where its lines break does not count."""
    texts = [plain.flat(text) for text in shown]
    flat = (plain.flat(quote[:_MOST]) for quote in quotes)
    return [
        quote
        for quote in dict.fromkeys(flat)
        if len(quote) >= SHORTEST_QUOTE and any(quote in text for text in texts)
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """How what a model says of a prompt is made fit to be shown."""

    prompt: Prompt
    by_rules: Analysis
    redact: Redactor

    def text(self, said: str, instead: str, limit: int) -> str:
        """What was said with unproven names marked, or what the rules say instead."""
        clear = harm.dead(_clear(said))
        if not clear or harm.is_dangerous(clear) or self.prompt.nonce in clear:
            return instead
        return self.safe(_marked(clear, self._known()), limit)

    def safe(self, said: str, limit: int) -> str:
        """Redacted, with the customers' names, dead, and no longer than the limit."""
        hidden = self.redact(_clear(said)).text
        return _short(harm.dead(self.prompt.names.reveal(hidden)), limit)

    def actions(self, said: Iterable[str]) -> tuple[str, ...]:
        """The first few steps that are not dangerous, or those of the rules."""
        steps = (self.text(step, "", _SENTENCE) for step in list(said)[:ACTIONS])
        return tuple(step for step in steps if step) or self.by_rules.immediate_actions

    def to_customers(self, said: str) -> str:
        """Wording that names nothing, or that of the rules."""
        clear, instead = _clear(said), self.by_rules.customer_communication
        if harm.is_internal(clear) or self.redact(clear).text != clear or len(clear) > _PARAGRAPH:
            return instead
        named = _marked(clear, _common())
        return self.text(clear, instead, _PARAGRAPH) if named == clear else instead

    def names_nothing_new(self, answer: Answer) -> bool:
        """Whether all that is named stands in the evidence, or in what the rules say."""
        known = self._known()
        return all(_marked(one, known) == one for one in map(_clear, _texts(answer)))

    def _known(self) -> frozenset[str]:
        return _common() | _words("\n".join((*self.prompt.shown, *_texts(self.by_rules))))


def _clear(said: str) -> str:
    return plain.flat(plain.text(said[:_MOST]))


def _texts(said: Analysis | Answer) -> tuple[str, ...]:
    steps = said.immediate_actions
    return said.summary, said.explanation, said.user_impact, said.likely_cause, *steps


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


# --- names -------------------------------------------------------------------------------------

_WORD = re.compile(r"[\w$@#%~.:/\\-]+")
_PARTS = re.compile(r"[./:@\\=-]")
_JOINED = re.compile(
    r"[a-z0-9][A-Z]|[A-Z]{4}|[A-Za-z]\d|\d[A-Za-z]|-\d|_|\w[.\\@:]\w|^[/~]|\d{3}", re.ASCII
)
"""A word that is put together: `PaymentError`, `db-7`, `max_connections`, `api.example`, a path."""
_SMALL = re.compile(r"\d{1,2}(?:[.:]\d{1,2})?(?:xx|ms|s|m|h|d|k|kb|mb|gb|%)?", re.ASCII)
"""A count, a time or a span: nobody's name."""
_WITHIN = re.compile(r"[a-z,;)] $")
_PROPER = re.compile(r"[A-Z][A-Za-z]{2,}", re.ASCII)
_COMMON = """
    i/o e.g i.e a.m p.m utc tcp udp http https dns tls ssl sql json xml yaml html css api cpu ram
    oom url uri uuid smtp ssh jvm 4xx 5xx monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december english
    kubernetes docker linux windows java python node ruby php go rust postgresql postgres mysql
    mariadb mongodb redis kafka rabbitmq elasticsearch cassandra oracle sqlite nginx apache tomcat
    javascript typescript aws azure google slack stripe
    application infrastructure network database configuration low medium high critical
"""


def _marked(said: str, known: frozenset[str]) -> str:
    """The text with every name that is not known replaced by a mark that says so."""

    def instead(found: re.Match[str]) -> str:
        within = bool(_WITHIN.search(said, max(0, found.start() - 2), found.start()))
        words = (
            found[0].split("/") if found[0][0] not in "/~" and "//" not in found[0] else [found[0]]
        )
        return "/".join(_word(word, known, within=within) for word in words)

    return _WORD.sub(instead, said)


def _word(word: str, known: frozenset[str], *, within: bool) -> str:
    bare = _bare(word)
    is_name = bool(_JOINED.search(bare)) or (within and bool(_PROPER.fullmatch(bare)))
    if not is_name or bare.lower() in known or _SMALL.fullmatch(bare.lower()):
        return word
    return word.replace(bare, UNPROVEN)


def _bare(word: str) -> str:
    """Without the marks of the sentence around it; a path keeps its beginning."""
    return word.rstrip(".,:;-/").lstrip(".,:;-")


def _words(text: str) -> frozenset[str]:
    """Every word of a text, whole and in its parts."""
    bare = {_bare(word) for word in _WORD.findall(text.lower())}
    return frozenset(bare.union(*(_PARTS.split(word) for word in bare))) - {""}


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """What may be named without evidence: what our own tables tell people, and common words."""
    ours = (
        text
        for one in verdicts.ALL
        for text in (one.says, one.explains, one.cause, one.effect.impact, *one.actions)
    )
    return _words(_COMMON) | _words("\n".join(ours))
