"""Which cards are one incident, and why.

Every sibling began within an hour of the first card, in the same environment, and shares one named
cause with it: a release, a dependency that is in trouble, the same failure of one service, or the
minute and the customers. What shares none of these is an incident by itself. Argued in
docs/decisions/0010.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.analysis import Category
from bot.core.detection.episode import Why
from bot.core.detection.finding import Kind
from bot.core.hour import DAY
from bot.core.telling.digest import Card

CLOSE = timedelta(hours=1)
"""One failure shows in all its signatures within an hour: what shows later is another incident."""
SAME_MINUTE = timedelta(minutes=1)
FEW = 3
"""Fewer customers than these are in common by chance."""

MOST = 500
"""Each card is compared with at most so many that began next, so that a storm costs seconds."""


@dataclass(frozen=True, slots=True)
class Incident:
    """The cards of one failure, in the order they were given; `reason` is why they belong together,
    empty for one alone."""

    cards: tuple[Card, ...]
    reason: str = ""

    @property
    def lead(self) -> Card:
        """The card that stands for all."""
        return self.cards[0]

    @property
    def siblings(self) -> tuple[Card, ...]:
        """The other cards."""
        return self.cards[1:]

    @property
    def services(self) -> frozenset[str]:
        """The services in which it shows."""
        return frozenset(card.service for card in self.cards)

    @property
    def customers(self) -> frozenset[str]:
        """The customers it hit in the last day."""
        return frozenset(name for card in self.cards for name, _ in card.customers)

    @property
    def since(self) -> datetime:
        """When the first of its cards began."""
        return min(map(_start, self.cards))


@dataclass(frozen=True, slots=True)
class _Symptom:
    """What can tie a card to others.

    `outside` says that it is about something that many use and that does not answer as it should. A
    statement that a healthy database refuses is not: whoever wrote it is at fault.
    """

    card: Card
    began: tuple[datetime, ...]
    release: str
    outside: bool
    hosts: frozenset[str]
    products: frozenset[str]
    customers: frozenset[str]

    @property
    def name(self) -> str:
        return self.card.short_id

    @property
    def place(self) -> tuple[datetime, str]:
        """What symptoms are ordered by: others are compared with the earliest."""
        return _start(self.card), self.name

    @property
    def is_new(self) -> bool:
        return Kind.NEW in self.card.kinds

    @property
    def keys(self) -> Iterator[Hashable]:
        """Keys of which two symptoms share at least one if they share a cause: so not all have to
        be compared with all."""
        if self.release:
            yield "release", self.release
        if self.outside:
            yield "failure", self.card.service, self.card.analysis.rule
            yield from (("host", host) for host in self.hosts)
        if self.outside and len(self.customers) >= FEW:
            yield from (("product", product) for product in self.products)
        if self.is_new and len(self.customers) >= FEW:
            minute = int(self.card.first_seen.timestamp()) // 60
            yield from (("minute", minute), ("minute", minute + 1))


def group(cards: Sequence[Card]) -> tuple[Incident, ...]:
    """The incidents of some cards, each card in exactly one, in the order of their leads.

    The order of the cards decides which one leads, not which belong together.
    """
    symptoms = sorted(map(_symptom, cards), key=lambda one: one.place)
    sharing: dict[Hashable, list[int]] = defaultdict(list)
    for number, one in enumerate(symptoms):
        for key in one.keys:
            sharing[key].append(number)
    of: dict[str, tuple[frozenset[str], str]] = {}
    for number, first in enumerate(symptoms):
        if first.name not in of:
            alike = {n for key in first.keys for n in _next(sharing[key], number)}
            free = [symptoms[n] for n in sorted(alike) if symptoms[n].name not in of]
            together, reason = _around(first, free)
            of |= dict.fromkeys(together, (together, reason))
    return tuple(_incidents(cards, of))


def _next(numbers: Sequence[int], number: int) -> Sequence[int]:
    start = bisect_right(numbers, number)
    return numbers[start : start + MOST]


def _incidents(
    cards: Sequence[Card], of: Mapping[str, tuple[frozenset[str], str]]
) -> Iterator[Incident]:
    by_id = {card.short_id: card for card in cards}
    position = {name: number for number, name in enumerate(by_id)}
    for together, reason in dict.fromkeys(of[name] for name in by_id):
        ordered = sorted(together, key=position.__getitem__)
        yield Incident(tuple(by_id[name] for name in ordered), reason)


def _around(first: _Symptom, others: Iterable[_Symptom]) -> tuple[frozenset[str], str]:
    """The ids of the incident of the first symptom, by the cause that most others share with it."""
    near = [other for other in others if _is_near(first, other)]
    best: tuple[list[str], str] = ([], "")
    for cause in _CAUSES:
        shared: dict[str, list[str]] = defaultdict(list)
        for other in near:
            if reason := cause(first, other):
                shared[reason].append(other.name)
        for reason, found in sorted(shared.items()):
            best = max(best, (found, reason), key=lambda one: len(one[0]))
    return frozenset((first.name, *best[0])), best[1]


def _is_near(one: _Symptom, other: _Symptom) -> bool:
    if one.card.environment != other.card.environment:
        return False
    return any(abs(ours - theirs) <= CLOSE for ours in one.began for theirs in other.began)


# ---- causes, the surest first: what two symptoms have in common, in words, or nothing


def _same_release(one: _Symptom, other: _Symptom) -> str:
    """Why two are one incident: both are new since the same release, within an hour of it, so that
    a rollback mends both. Empty if they are not."""
    is_same = one.release and one.release == other.release
    return f"new right after {one.release}" if is_same else ""


def _same_dependency(one: _Symptom, other: _Symptom) -> str:
    """Why two are one incident: both say that the same dependency is down, slow or full. Empty if
    not.

    A host is one thing; of a product there may be several, so most customers have to be the same,
    and no two hosts may be named.
    """
    if not (one.outside and other.outside):
        return ""
    if hosts := one.hosts & other.hosts:
        return f"{min(hosts)} is in trouble"
    products = one.products & other.products
    if not products or (one.hosts and other.hosts) or not _same_customers(one, other):
        return ""
    return f"{min(products)} is in trouble, for the same customers"


def _same_failure(one: _Symptom, other: _Symptom) -> str:
    """Why two are one incident: a service fails in two places with the same innermost words, about
    something outside of it. Empty if not."""
    rule, service = one.card.analysis.rule, one.card.service
    if not rule or (rule, service) != (other.card.analysis.rule, other.card.service):
        return ""
    if not (one.outside and other.outside) or (one.hosts and other.hosts):
        return ""
    return f"the same failure in {one.card.where}: {rule}"


def _same_minute(one: _Symptom, other: _Symptom) -> str:
    """Why two are one incident: both are new and began in the same minute at the same customers.
    Empty if not; the first minute of what is not new says nothing."""
    if not (one.is_new and other.is_new):
        return ""
    apart = abs(one.card.first_seen - other.card.first_seen)
    is_same = apart <= SAME_MINUTE and _same_customers(one, other)
    return "new in the same minute, for the same customers" if is_same else ""


_CAUSES: tuple[Callable[[_Symptom, _Symptom], str], ...] = (
    _same_release,
    _same_dependency,
    _same_failure,
    _same_minute,
)


def _same_customers(one: _Symptom, other: _Symptom) -> bool:
    """Whether both hit two thirds of each other's customers, and these are not too few."""
    shared = len(one.customers & other.customers)
    return shared >= FEW and 3 * shared >= 2 * len(one.customers | other.customers)


# ---- what a card says about things outside of the service it was logged by

_OUTSIDE = frozenset((Category.DATABASE, Category.NETWORK, Category.INFRASTRUCTURE))
_TROUBLE = re.compile(
    r"(?i)time[sd]?[ -]?out|deadlock|lock wait|too many (?:clients|connections)|refused"
    r"|ECONNREFUSED|connection (?:\w+ )?(?:reset|closed|lost)|terminat\w+ connection|unreachable"
    r"|unavailable|no such host|ENOTFOUND|read-?only|recovery mode|overload|throttl|maxmemory|OOM"
    r"|out of memory"
    r"|no space|disk full|not (?:currently )?accepting"
)
_HOST = re.compile(
    r"\b(?:upstream:?|lookup|ECONN\w+|dial tcp|[Cc]onnect(?:ion|ing)? to(?: server at)?) "
    r"[\"'`]?(?P<host>[A-Za-z][A-Za-z0-9_-]{2,62})\b"
)
_NO_HOSTS = frozenset(
    ("the", "server", "host", "database", "upstream", "localhost", "remote", "peer")
)
_PRODUCTS = {
    "PostgreSQL": r"postgres|psycopg|asyncpg|\bpgx?\b|npgsql|\bcancell?ing statement due to\b",
    "MySQL": r"mysql|mariadb|innodb",
    "SQL Server": r"\bsql ?server\b|mssql|sqlclient",
    "Oracle": r"\bORA-\d{5}\b",
    "MongoDB": r"mongo",
    "Redis": r"redis|\bmaxmemory\b",
    "Memcached": r"memcache",
    "Cassandra": r"cassandra",
    "Elasticsearch": r"elastic ?search|opensearch",
    "Kafka": r"kafka",
    "RabbitMQ": r"rabbit ?mq|\bamqp",
    "DynamoDB": r"dynamo ?db",
}
_NAMES = {f"p{number}": name for number, name in enumerate(_PRODUCTS)}
_PRODUCT = re.compile(
    "|".join(f"(?P<{group}>{_PRODUCTS[name]})" for group, name in _NAMES.items()), re.IGNORECASE
)


def _symptom(card: Card) -> _Symptom:
    """What ties a card to others, by the error's own words, not the analyst's."""
    said = f"{card.title}\n{card.template}"
    named = frozenset(found["host"].lower() for found in _HOST.finditer(said))
    return _Symptom(
        card=card,
        began=_began(card),
        release=card.release if _is_prompt(card) else "",
        outside=card.analysis.category in _OUTSIDE and _TROUBLE.search(said) is not None,
        hosts=frozenset(host for host in named - _NO_HOSTS if not _PRODUCT.fullmatch(host)),
        products=frozenset(_NAMES[found.lastgroup or ""] for found in _PRODUCT.finditer(said)),
        customers=frozenset(name for name, _ in card.customers),
    )


def _began(card: Card) -> tuple[datetime, ...]:
    """Each time it became unusual. Of a new one the first event is known exactly, unless it is new
    in production only."""
    return tuple(card.first_seen if _is_first(card, why) else why.opened_at for why in card.whys)


def _is_first(card: Card, why: Why) -> bool:
    return why.kind is Kind.NEW and why.opened_at - card.first_seen <= timedelta(hours=DAY)


def _start(card: Card) -> datetime:
    return min(_began(card), default=card.first_seen)


def _is_prompt(card: Card) -> bool:
    if card.released_at is None or Kind.NEW not in card.kinds:
        return False
    return card.first_seen - card.released_at <= CLOSE
