"""Find the signature of each event of a batch, and create those that nobody has seen yet.

A fingerprint that is not known is a new signature, with three exceptions: newer rules of signing
may give a known error another fingerprint, a release may have renamed the functions of a known
exception, and a text may be a case of a wider one that is known. Part of recording: whoever calls
owns the transaction.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from bot.core.event import Event
from bot.core.hour import hour_of, start_of
from bot.core.ownership import decision
from bot.core.ownership.decision import PASSIVE, PROGRAM, Decision
from bot.core.redaction import Redactor
from bot.core.signing import family, kin, signature
from bot.core.signing.kin import Elder, Kin, Newcomer
from bot.core.signing.signature import Signature
from bot.flows import enact, find
from bot.flows.carry_over import carry_over, join
from storage import decisions, merges, signatures, tables
from storage.merges import Link
from storage.signatures import Met, Name

WORDINGS_KEPT = 8
"""By so many messages an exception is known again: a parser that fails in one place has several."""
VERSIONS_KEPT = 20
"""So many versions in which an exception failed are remembered, the newest."""
KINDRED = 100
"""A new exception is compared with so many of its kin, the newest: that bounds a batch's work."""
RELATED = 2_000
"""A new text is compared with so many of its service, the newest: that bounds a batch's work."""
MERGED_AT_ONCE = 100
"""A batch carries out at most so many merges, which bounds how long the database is locked. The
rest follows with the next batch, or the next round of the watch."""

MOST_NEW = 1_000
"""So many errors of one service may be new within an hour. More are a flood: each of them would
cost a place in the database and a judgement, and nobody would read it."""
THE_REST = "more new errors of this service in an hour than are told apart"
"""The template of the one error that all further ones count as, until the hour is over."""

Lineage = tuple[int, ...]
"""The number of a signature, then that of what it is merged into, and so on up to the root."""


class Signed(NamedTuple):
    """An event with its signature, and the customer from either."""

    event: Event
    signature: Signature
    customer: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """The lineage of each fingerprint of a batch (the signatures that count its events), and how
    many signatures are new."""

    lineages: Mapping[str, Lineage]
    created: int

    def root(self, one: Signed) -> int:
        """The signature that people see this event counted under."""
        return self.lineages[one.signature.fingerprint][-1]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a batch has of one fingerprint: the first event, all versions, and each kin by its
    digest."""

    first: Signed
    versions: dict[str, None] = field(default_factory=dict)
    kin: dict[str, Kin] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        return self.first.signature.fingerprint


@dataclass(frozen=True, slots=True)
class _Families:
    """What becomes of unknown fingerprints, once it is clear which texts are cases of a wider one.

    `new` are to be created: what is no case, and the wider texts that nobody wrote. `cases` link
    unknown fingerprints to the wider text they count as, and `merges` known ones to the wider text
    that they are merged into later.
    """

    new: Mapping[str, _Seen]
    cases: Sequence[Link]
    merges: Sequence[Link]

    def without(self, many: Collection[str]) -> "_Families":
        """The same without some that would be new, and without what is a case of one of them."""
        return _Families(
            _without(self.new, many),
            [link for link in self.cases if link.other not in many],
            [link for link in self.merges if link.other not in many],
        )


def recognise(
    session: Session, fresh: Sequence[Signed], *, now: datetime, by: Redactor
) -> Recognised:
    """Find the signatures of a batch, and create those that are not known; `by` hides what people
    must not see in their titles."""
    room = MERGED_AT_ONCE - merge_due(session, now=now)
    seen = _by_fingerprint(fresh)
    known = {met.fingerprint: met for met in signatures.met_before(session, seen)}
    _remember(session, seen, known.values(), now=now)
    unknown = {name: one for name, one in seen.items() if name not in known}
    created, rest = 0, dict[str, str]()
    if unknown:
        created, rest = _assign(session, unknown, seen, now=now, by=by)
        merge_due(session, now=now, limit=room)
    joined = join(session, {name: seen[name].first.event for name in known}, now=now)
    if joined or unknown or any(met.merged_into for met in known.values()):
        names = {*seen, *rest.values()}
        known = {met.fingerprint: met for met in signatures.met_before(session, names)}
    found = lineages(session, known.values())
    return Recognised({**found, **{name: found[rest[name]] for name in rest}}, created)


def lineages(session: Session, known: Collection[Met]) -> dict[str, Lineage]:
    """The lineage of the signature of each fingerprint: all of them count its events."""
    merged = merges.lineages(session, {met.signature_id for met in known if met.merged_into})
    return {met.fingerprint: merged.get(met.signature_id, (met.signature_id,)) for met in known}


def _by_fingerprint(fresh: Iterable[Signed]) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    for one in fresh:
        signed, version = one.signature, one.event.version
        summary = seen.get(signed.fingerprint)
        if summary is None:
            summary = seen[signed.fingerprint] = _Seen(one)
        if signed.kin:
            summary.kin[signed.kin.digest] = signed.kin
            if version:
                summary.versions[version] = None
    return seen


# ---- what is known: it grows, and what was taken for one error may show that it is two


def _remember(
    session: Session, seen: Mapping[str, _Seen], known: Collection[Met], *, now: datetime
) -> None:
    """Store the versions in which, and the messages with which, known exceptions were seen."""
    raised = [met for met in known if seen[met.fingerprint].kin]
    if not raised:
        return
    grown = {
        met.fingerprint: [*met.versions, *more][-VERSIONS_KEPT:]
        for met in raised
        if (more := [v for v in seen[met.fingerprint].versions if v not in met.versions])
    }
    signatures.set_versions(session, grown)
    _keep_wordings(session, [seen[met.fingerprint] for met in raised])
    _part(
        session,
        [(met, seen[met.fingerprint]) for met in raised if met.fingerprint in grown],
        now=now,
    )


def _keep_wordings(session: Session, ones: Collection[_Seen]) -> None:
    kept = signatures.wordings(session, [one.fingerprint for one in ones])
    new: list[tuple[str, str]] = []
    for one in ones:
        before = kept.get(one.fingerprint, set())
        more = [digest for digest in one.kin if digest not in before]
        new += [(one.fingerprint, digest) for digest in more[: WORDINGS_KEPT - len(before)]]
    signatures.add_wordings(session, new)


def _part(session: Session, grown: Iterable[tuple[Met, _Seen]], *, now: datetime) -> None:
    """Split off again exceptions that were merged as renamed ones, if both fail in the same
    version."""
    for met, one in grown:
        for other in _merged_with(session, met.signature_id):
            both = {*other.versions} & {*one.versions}
            if both and not any(kin.is_certain(what, other.places) for what in one.kin.values()):
                pair = {other.signature_id, met.signature_id}
                _take_apart(session, pair, f"both fail in {min(both)}", now=now)


def _merged_with(session: Session, number: int) -> list[Name]:
    """The names of the other exceptions that count for the same signature."""
    root = merges.root(session, find.by_number(session, number))
    together = [root.id, *(case.id for case in merges.cases(session, root.id))]
    names = signatures.names_of(session, together) if together[1:] else []
    return [name for name in names if name.signature_id != number and name.places]


def _take_apart(session: Session, pair: Collection[int], reason: str, *, now: datetime) -> None:
    """Undo the merge of two signatures, if the program made it."""
    for number in sorted(pair, reverse=True):
        case = find.by_number(session, number)
        if case.merged_into is not None and _was_merged_by_program(session, number):
            after = decision.split(find.standing(session, case))
            enact.apply(session, case, Decision.SPLIT, after, by=PROGRAM, now=now, reason=reason)
            return


def _was_merged_by_program(session: Session, number: int) -> bool:
    merge = decisions.holding(session, number, besides=PASSIVE)
    return merge is not None and merge.by == PROGRAM


# ---- what is unknown: another name of a known signature, or a new one


def _assign(
    session: Session,
    unknown: Mapping[str, _Seen],
    seen: Mapping[str, _Seen],
    *,
    now: datetime,
    by: Redactor,
) -> tuple[int, dict[str, str]]:
    """Give every unknown fingerprint of a batch a signature to count under: the one that it had
    under earlier rules, that of a wider text, or a new one of its own.

    Gives back how many new signatures count for themselves. Also gives back, for the fingerprints
    that are too many in this hour, the fingerprint of the one error that they count as instead.
    """
    carried = carry_over(session, {name: one.first.event for name, one in unknown.items()}, now=now)
    families = _families(session, _without(unknown, _linked(carried)), now=now)
    families = families.without(_too_many(session, families.new, now=now))
    named = [*carried, *families.cases]
    placed = {*_linked(named), *families.new}
    rest, sinks = _rest(session, _without(unknown, placed))
    new = {**families.new, **sinks}
    renamed = _renamed(session, new, seen)
    _create(session, new, now=now, by=by)
    _name(session, named, unknown)
    _keep_wordings(session, [one for name, one in unknown.items() if one.kin and name in placed])
    merges.want(session, [*renamed, *families.merges])
    return len(new) - len(renamed), rest


def _too_many(session: Session, new: Mapping[str, _Seen], *, now: datetime) -> set[str]:
    """The new fingerprints for which their service has no room in this hour: the last ones."""
    by_service: dict[str, list[str]] = defaultdict(list)
    for name, one in new.items():
        by_service[one.first.event.service].append(name)
    since, many = start_of(hour_of(now)), set[str]()
    for service, names in by_service.items():
        many.update(names[_room(session, service, since=since) :])
    return many


def _room(session: Session, service: str, *, since: datetime) -> int:
    """How many more new errors of a service are told apart in the hour that began at `since`."""
    known = signatures.newcomers(session, service, since=since, most=MOST_NEW)
    return max(0, MOST_NEW - known)


def _rest(
    session: Session, surplus: Mapping[str, _Seen]
) -> tuple[dict[str, str], dict[str, _Seen]]:
    """For fingerprints that are too many the one that each counts under (one per service), and
    those of these that are to be created."""
    sinks = {name: _unwritten(THE_REST, one) for name, one in surplus.items()}
    by_fingerprint = dict[str, _Seen]()
    for sink in sinks.values():
        by_fingerprint.setdefault(sink.fingerprint, sink)
    rest = {name: sink.fingerprint for name, sink in sinks.items()}
    return rest, _without(by_fingerprint, signatures.ids_of(session, by_fingerprint))


def _without(ones: Mapping[str, _Seen], names: Collection[str]) -> dict[str, _Seen]:
    return {name: one for name, one in ones.items() if name not in names}


def _linked(links: Iterable[Link]) -> set[str]:
    return {link.fingerprint for link in links}


def _families(session: Session, left: Mapping[str, _Seen], *, now: datetime) -> _Families:
    """Find which texts, new or known, are cases of a wider one."""
    by_service: dict[str, dict[str, str]] = defaultdict(dict)
    for name, one in left.items():
        if not one.kin:
            by_service[one.first.event.service][one.first.signature.template] = name
    links, unwritten = list[Link](), dict[str, _Seen]()
    for service, new in by_service.items():
        texts = signatures.texts(session, service, limit=RELATED)
        known = {text.template: text.fingerprint for text in texts}
        names = {**known, **new}
        flooded = not _room(session, service, since=start_of(hour_of(now)))
        wider = _wider(new, known, in_flood=flooded)
        for narrow, wide in wider.items():
            if narrow in new and wide not in names:
                found = _unwritten(wide, left[new[narrow]])
                unwritten.setdefault(found.fingerprint, found)
                names[wide] = found.fingerprint
        links += [
            Link(names[narrow], names[wide], f"a case of {wide}")
            for narrow, wide in wider.items()
            if wide in names
        ]
    cases = [link for link in links if link.fingerprint in left]
    merging = [link for link in links if link.fingerprint not in left]
    wide_ones = _without(unwritten, signatures.ids_of(session, unwritten))
    return _Families({**wide_ones, **_without(left, _linked(cases))}, cases, merging)


def _wider(new: Collection[str], known: Collection[str], *, in_flood: bool) -> Mapping[str, str]:
    """Template → the wider one that it is a case of, which may be one that nobody wrote.

    In a flood no new family is looked for, since that would take most of the time.
    """
    if in_flood:
        return family.cases(new, known)
    return family.join([*family.near(known, new), *new])


def _unwritten(template: str, one: _Seen) -> _Seen:
    """A wider text, which nobody wrote, as if the event of its first case had said it."""
    wide = signature.of_template(template, one.first.event.service)
    return _Seen(one.first._replace(signature=wide))


def _renamed(session: Session, left: Mapping[str, _Seen], seen: Mapping[str, _Seen]) -> list[Link]:
    """Link new exceptions to known ones that are the same with renamed functions."""
    newcomers = sorted(
        (one for one in left.values() if one.kin), key=lambda one: one.first.event.time
    )
    known = _kindred(session, newcomers, seen)
    wholes = {one.fingerprint: one.whole for ones in known.values() for one in ones}
    links: list[Link] = []
    for one in newcomers:
        verdict = _same_as(one, known)
        if verdict:
            links.append(Link(one.fingerprint, verdict.fingerprint, verdict.reason))
        whole = wholes[verdict.fingerprint] if verdict else one.fingerprint
        wholes[one.fingerprint] = whole
        for digest, what in one.kin.items():
            known[digest] = [*known[digest][-KINDRED + 1 :], _as_known(one, what, whole)]
    return links


def _as_known(one: _Seen, what: Kin, whole: str) -> Elder:
    seen_at = one.first.event.time
    return Elder(one.fingerprint, whole, what.places, frozenset(one.versions), seen_at)


def _same_as(one: _Seen, known: Mapping[str, Sequence[Elder]]) -> kin.Match | None:
    event = one.first.event
    for digest, what in one.kin.items():
        newcomer = Newcomer(what, event.service, frozenset(one.versions), event.time)
        if verdict := kin.choose(newcomer, known[digest]):
            return verdict
    return None


def _kindred(
    session: Session, newcomers: Sequence[_Seen], seen: Mapping[str, _Seen]
) -> dict[str, list[Elder]]:
    """By kin (types and message), the known exceptions that came with it, and the versions they
    were seen in, those of this batch included."""
    rows = signatures.kindred(session, {digest for one in newcomers for digest in one.kin})
    lineages = merges.lineages(session, {row.signature_id for row in rows})
    known: dict[str, list[Elder]] = defaultdict(list)
    for row in rows:
        whole = f"number {lineages[row.signature_id][-1]}"
        lately = seen[row.fingerprint].versions if row.fingerprint in seen else ()
        versions = frozenset((*row.versions, *lately))
        known[row.kin].append(
            Elder(row.fingerprint, whole, tuple(row.places), versions, row.last_seen)
        )
    for ones in known.values():
        ones.sort(key=lambda one: one.last_seen)
        del ones[:-KINDRED]
    return known


def _name(session: Session, links: Collection[Link], ones: Mapping[str, _Seen]) -> None:
    """Make each fingerprint a name of the signature of the fingerprint that it is linked to."""
    ids = signatures.ids_of(session, {link.other for link in links})
    names = [_alias(ones[link.fingerprint], ids[link.other], link.reason) for link in links]
    signatures.add_names(session, names)


def _alias(one: _Seen, signature_id: int, reason: str = "") -> Name:
    places = next((what.places for what in one.kin.values()), ())
    return Name(one.fingerprint, signature_id, reason, places, [*one.versions][-VERSIONS_KEPT:])


def merge_due(session: Session, *, now: datetime, limit: int = MERGED_AT_ONCE) -> int:
    """Carry out the first `limit` merges that are due; gives back how many were looked at."""
    due = merges.take(session, limit=limit) if limit else []
    if not due:
        return 0
    ids = signatures.ids_of(session, {name for one in due for name in (one.fingerprint, one.other)})
    for one in due:
        case = find.by_number(session, ids[one.fingerprint])
        into = merges.root(session, find.by_number(session, ids[one.other]))
        if case.id != into.id and _is_free(session, case):
            after = decision.merge(find.standing(session, case), into.short_id)
            enact.apply(
                session, case, Decision.MERGE, after, by=PROGRAM, now=now, reason=one.reason
            )
    return len(due)


def _is_free(session: Session, case: tables.Signature) -> bool:
    """Whether a signature is not merged, and no person ever decided anything on it."""
    return case.merged_into is None and all(
        made.by == PROGRAM for made in decisions.of(session, case.id)
    )


def _create(session: Session, new: Mapping[str, _Seen], *, now: datetime, by: Redactor) -> None:
    """Create a signature for each fingerprint, which is its first name."""
    short_ids = _short_ids(session, list(new))
    facts = [_facts(one.first, short_ids, now=now, by=by) for one in new.values()]
    ids = signatures.create(session, facts)
    signatures.add_names(session, [_alias(one, ids[name]) for name, one in new.items()])


def _short_ids(session: Session, fingerprints: Sequence[str]) -> dict[str, str]:
    """For each fingerprint its shortest short id that is free, in the database and in this
    batch."""
    chosen: dict[str, str] = {}
    length, waiting = 3, list(fingerprints)
    while waiting:
        wanted = {name: signature.short_id(name, length) for name in waiting}
        used = signatures.taken(session, set(wanted.values())) | set(chosen.values())
        for name, short_id in wanted.items():
            if short_id not in used:
                chosen[name] = short_id
                used.add(short_id)
        waiting = [name for name in waiting if name not in chosen]
        length += 1
    return chosen


def _facts(
    one: Signed, short_ids: dict[str, str], *, now: datetime, by: Redactor
) -> dict[str, Any]:
    event, signed = one.event, one.signature
    return {
        "fingerprint": signed.fingerprint,
        "short_id": short_ids[signed.fingerprint],
        "service": event.service,
        "environment": event.environment,
        "title": by(signature.spelt(signed.title, f"{event.message}\n{event.error_message}")).text,
        "template": signed.template,
        "error_type": event.error_type,
        "severity": int(event.severity),
        "first_seen": event.time,
        "last_seen": event.time,
        "first_received": now,
        "first_version": event.version,
        "last_version": event.version,
        "total": 0,
        "samples": 0,
        "state": "open",
        "owner": "",
        "owner_reason": "",
        "owner_decided": False,
        "assignee": "",
        "resolved_in": "",
    }
