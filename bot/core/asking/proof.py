"""What of a model's answer is borne out by what it was shown: nothing else reaches anybody.

The answer has no authority. It makes nothing noise, milder or worse, and where the rules know the
owner, that stays. A text that gives orders, says that all is well, or says nothing is replaced by
that of the rules. What customers are told is always one of our own sentences.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.core.analysis import Analysis, Confidence
from bot.core.asking import naming, step
from bot.core.asking.naming import Named
from bot.core.asking.prompt import Answer, Prompt
from bot.core.redaction import Redactor
from bot.core.wording import harm, plain

NOT_ENOUGH = "not enough evidence"
ONLY_FACTS = "no word of the error quoted"
"""What we counted is quoted rightly by anybody: it proves nothing of what the error means."""
QUOTES = 5
ACTIONS = 4
SHORTEST_QUOTE, SHORTEST_WORD = 8, 12
"""Anything shorter is found by chance in any text; a single word has to be a long one."""
_LINE, _SENTENCE, _PARAGRAPH = 160, 300, 700
_MOST = 2_000
"""As much of a text is looked at: the rest is never shown."""


def check(answer: Answer, prompt: Prompt, by_rules: Analysis, *, redact: Redactor) -> Analysis:
    """The analysis that may be shown: the model's as far as it is proven, or that of the rules with
    the reason in `checked`. Names of customers are put back."""
    offered = len(answer.evidence[:QUOTES])
    quotes = _verified(answer.evidence[:QUOTES], prompt.shown)
    checked = f"{len(quotes)} of {offered} quotes verified"
    if not answer.enough_evidence:
        return replace(by_rules, checked=NOT_ENOUGH)
    if not quotes:
        return replace(by_rules, checked=checked)
    if not _verified(quotes, prompt.texts):
        return replace(by_rules, checked=ONLY_FACTS)
    told = _Told(prompt, redact, naming.known("\n".join((*prompt.shown, *_texts(by_rules)))))
    is_proven = len(quotes) == offered and told.names_nothing_new(answer)
    return replace(
        _judged(answer, by_rules),
        confidence=answer.confidence if is_proven else _at_most_medium(answer.confidence),
        summary=told.text(answer.summary, by_rules.summary, _LINE),
        explanation=told.text(answer.explanation, by_rules.explanation, _PARAGRAPH),
        user_impact=told.text(answer.user_impact, by_rules.user_impact, _SENTENCE),
        likely_cause=told.text(answer.likely_cause, by_rules.likely_cause, _SENTENCE),
        immediate_actions=_steps(_chosen(answer.steps, prompt.steps), by_rules),
        evidence=tuple(told.safe(quote, _SENTENCE) for quote in quotes),
        checked=checked,
        offered=offered,
    )


def as_of_now(kept: Analysis, by_rules: Analysis) -> Analysis:
    """A model's stored explanation, under the verdict and with the wording that the rules give now.

    Its words are checked again: what one release let through is not shown by the next.
    """
    steps = (one for one in kept.immediate_actions if one in step.OURS)
    return replace(
        _judged(kept, by_rules),
        confidence=kept.confidence,
        summary=_fit(kept.summary, by_rules.summary),
        explanation=_fit(kept.explanation, by_rules.explanation),
        user_impact=_fit(kept.user_impact, by_rules.user_impact),
        likely_cause=_fit(kept.likely_cause, by_rules.likely_cause),
        immediate_actions=_steps(steps, by_rules),
        evidence=kept.evidence,
        checked=kept.checked,
        offered=kept.offered,
    )


def _chosen(numbers: Iterable[int], offered: Sequence[str]) -> Iterator[str]:
    """The offered steps with these numbers, counted from 1; numbers that are none are ignored."""
    return (offered[one - 1] for one in numbers if 1 <= one <= len(offered))


def _steps(chosen: Iterable[str], by_rules: Analysis) -> tuple[str, ...]:
    """The chosen steps, or those of the rules if none is. Where the rules know the error, their
    first step stays first: else a line of a log could take from people what they need most."""
    ours = by_rules.immediate_actions
    if not (told := tuple(dict.fromkeys(chosen))):
        return ours
    known = ours[:1] if by_rules.confidence is not Confidence.LOW else ()
    return tuple(dict.fromkeys((*known, *told)))[:ACTIONS]


def _fit(said: str, instead: str) -> str:
    return instead if _misleads(said) else said


def _misleads(said: str) -> bool:
    return harm.is_all_clear(said) or harm.decides(said) or harm.orders(said)


def _judged(said: Answer | Analysis, by_rules: Analysis) -> Analysis:
    """The verdict, without words: that of the rules; where these only guess, with the owner by the
    model's category. By a severity, whoever writes what the model reads could wake people at
    night."""
    if by_rules.confidence is not Confidence.LOW:
        return by_rules
    bug = said.real_application_bug
    return replace(by_rules, category=said.category, real_application_bug=bug)


def _at_most_medium(said: Confidence) -> Confidence:
    return Confidence.LOW if said is Confidence.LOW else Confidence.MEDIUM


def _verified(quotes: Iterable[str], shown: Iterable[str]) -> list[str]:
    """Those quotes that stand in one of the texts word for word; line breaks do not matter."""
    texts = [plain.flat(text) for text in shown]
    flat = (plain.flat(quote[:_MOST]) for quote in quotes)
    return [
        quote
        for quote in dict.fromkeys(flat)
        if _says_something(quote) and any(_stands_in(quote, text) for text in texts)
    ]


def _says_something(quote: str) -> bool:
    return len(quote) >= (SHORTEST_QUOTE if " " in quote else SHORTEST_WORD)


def _stands_in(quote: str, text: str) -> bool:
    """Whether a quote stands in a text, in whole words."""
    at = text.find(quote)
    while at >= 0:
        if not (_is_cut(text, at) or _is_cut(text, at + len(quote))):
            return True
        at = text.find(quote, at + 1)
    return False


def _is_cut(text: str, at: int) -> bool:
    """Whether a place in a text lies inside a word."""
    return 0 < at < len(text) and (text[at - 1] + text[at]).isalnum()


@dataclass(frozen=True, slots=True)
class _Told:
    """How a model's words are made fit to be shown, given what is `known`."""

    prompt: Prompt
    redact: Redactor
    known: Named

    def text(self, said: str, instead: str, limit: int) -> str:
        """What the model said, with unproven names marked; or `instead`, what the rules say."""
        clear = harm.dead(_clear(said))
        if not clear or self.prompt.nonce in clear or _misleads(clear):
            return instead
        return self.safe(naming.marked(clear, self.known), limit)

    def safe(self, said: str, limit: int) -> str:
        """The text, redacted, with customers' names put back, without links or mentions, and cut to
        the limit."""
        hidden = self.redact(_clear(said)).text
        return _short(harm.dead(self.prompt.names.reveal(hidden)), limit)

    def names_nothing_new(self, answer: Answer) -> bool:
        """Whether all that an answer names stands in the evidence, or in what the rules say."""
        said = map(_clear, _texts(answer))
        return all(naming.marked(one, self.known) == one for one in said)


def _clear(said: str) -> str:
    return plain.flat(plain.text(said[:_MOST]))


def _texts(said: Analysis | Answer) -> tuple[str, ...]:
    return said.summary, said.explanation, said.user_impact, said.likely_cause


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
