"""What a model is shown of a signature: made plain, redacted, and without a customer's name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.core.asking import pseudonym
from bot.core.asking.pseudonym import Pseudonyms
from bot.core.redaction import Redactor
from bot.core.telling.digest import Card
from bot.core.wording import plain
from bot.core.wording.moment import written

SAMPLES = 3
NEIGHBOURS = 5
CUSTOMERS = 5
_MESSAGE = 2_000
_STACK = 3_000
_LINE = 300
_LAST_PSEUDONYM = re.compile(r"CUST_[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class Sample:
    """One event of a signature, as it was kept."""

    message: str
    stack: str = ""
    at: datetime | None = None
    customer: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another signature of the same incident."""

    short_id: str
    service: str
    title: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a signature: its card, its samples, its incident, and the steps that the
    rules offer.

    `began` is when its unusual behaviour began, if it has any; the samples that tell most of that
    are shown. `tied_by` is why its neighbours are one incident with it. `customers` are all that
    were ever seen: a text may name one whom this signature never hit.
    """

    card: Card
    samples: tuple[Sample, ...] = ()
    began: datetime | None = None
    neighbours: tuple[Neighbour, ...] = ()
    tied_by: str = ""
    customers: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What may be sent: a line for each fact, and texts, each with a label. `names` is not sent."""

    facts: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    names: Pseudonyms


def exhibit(evidence: Evidence, redact: Redactor) -> Exhibit:
    """The evidence fit to be shown to a model. A customer is `CUST_1`, wherever it is mentioned.

    Cut only at the end: no rule knows half a secret, and no pseudonym hides half a name.
    """
    told = [plain.flat(_safe(fact, redact)) for fact in _told(evidence)]
    texts = [(label, _safe(text, redact), limit) for label, text, limit in _texts(evidence)]
    most = [_name(name) for name, _ in evidence.card.customers[:CUSTOMERS]]
    names = pseudonym.choose(_names(evidence), [*told, *(text for _, text, _ in texts), *most])
    return Exhibit(
        facts=(
            *_counted(evidence.card, names),
            *(_cut(names.hide(fact), _LINE, " … ") for fact in told),
        ),
        texts=tuple(
            (label, _cut(names.hide(text), limit, "\n…\n"))
            for label, text, limit in texts
            if text.strip()
        ),
        names=names,
    )


def _names(evidence: Evidence) -> Iterator[str]:
    """The names of customers to hide, those of this signature first.

    A name that is a bare number is hidden only where this signature hit it: it names nobody without
    its table, and every text has numbers.
    """
    hit = (
        *(name for name, _ in evidence.card.customers),
        *(sample.customer for sample in evidence.samples),
    )
    known = (name for name in evidence.customers if not name.isdecimal())
    return map(_name, dict.fromkeys((*hit, *known)))


def _name(raw: str) -> str:
    """A customer's name, made plain as the texts are."""
    return plain.flat(plain.text(raw))


def _safe(raw: str, redact: Redactor) -> str:
    """A text made plain, redacted, and made plain again.

    Plain first, since an invisible character hides a secret from its rule; plain again, since what
    redaction leaves is new text.
    """
    return plain.text(redact(plain.text(raw)).text)


def _cut(text: str, limit: int, gap: str) -> str:
    """A text cut in the middle, where `gap` stands: Java begins with what was raised, Python ends
    with it. No pseudonym is cut to that of somebody else."""
    if len(text) <= limit:
        return text
    half = (limit - len(gap)) // 2
    return f"{_LAST_PSEUDONYM.sub('', text[:half])}{gap}{text[-half:]}"


def _counted(card: Card, names: Pseudonyms) -> list[str]:
    """Lines of counts; no word in them is from outside."""
    return [
        f"first seen: {written(card.first_seen)}, last seen: {written(card.last_seen)}",
        f"seen: {_times(card.last_day)} in 24 hours, {_usual(card)}",
        f"seen in all: {_times(card.total)}",
        _customers(card, names),
    ]


def _customers(card: Card, names: Pseudonyms) -> str:
    """How many customers were hit lately, and which of them most."""
    if not card.customers:
        return "customers hit in 24 hours: none is known"
    most = ", ".join(
        f"{names.hide(_name(name))} {_times(count)}" for name, count in card.customers[:CUSTOMERS]
    )
    return f"customers hit in 24 hours: {len(card.customers)}, most of all {most}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _usual(card: Card) -> str:
    return f"usually {card.usual_day:.1f} a day" if card.usual_day else "usually none"


def _told(evidence: Evidence) -> list[str]:
    """Lines with names from outside, such as those of services."""
    card = evidence.card
    facts = [
        f"service: {card.service or 'not known'}",
        f"environment: {card.environment or 'not known'}",
        *(f"unusual: {why.kind.value}: {why.reason}" for why in card.whys[:SAMPLES]),
    ]
    if card.after_deploy:
        facts.append(f"deploy: first seen {card.after_deploy}")
    if evidence.neighbours:
        facts.append(f"same incident, because {evidence.tied_by or 'it began together'}:")
        facts += [
            f"neighbour {one.short_id} of {one.service}: {one.title}"
            for one in evidence.neighbours[:NEIGHBOURS]
        ]
    return facts


def _texts(evidence: Evidence) -> list[tuple[str, str, int]]:
    card = evidence.card
    texts = [("title", card.title, _LINE), ("shape", card.template, _MESSAGE)]
    for number, sample in enumerate(_telling(evidence.samples, evidence.began), start=1):
        texts += [
            (f"sample {number}{_origin(sample)}", sample.message, _MESSAGE),
            (f"stack of sample {number}", sample.stack, _STACK),
        ]
    return texts


def _origin(sample: Sample) -> str:
    """A sample's label: when it came, and nothing from outside."""
    return f", {written(sample.at)}" if sample.at else ""


def _telling(samples: Sequence[Sample], began: datetime | None) -> list[Sample]:
    """A few samples, the oldest first, none of which says the same as another: the newest, one from
    when it began, one of another customer, and the first of all."""
    ordered = sorted(samples, key=_moment)
    newest = ordered[-1:]
    first = [one for one in ordered if began and _moment(one) >= began][:1]
    known = {one.customer for one in (*newest, *first)}
    others = [one for one in reversed(ordered) if one.customer and one.customer not in known]
    by_text = dict[tuple[str, str], Sample]()
    for one in (*newest, *first, *others[:1], *ordered):
        by_text.setdefault((one.message, one.stack), one)
    return sorted(list(by_text.values())[:SAMPLES], key=ordered.index)


def _moment(sample: Sample) -> datetime:
    return sample.at or datetime.min.replace(tzinfo=UTC)
