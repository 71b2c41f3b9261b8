"""Find a signature by what people or other flows call it, and where it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches

from sqlmodel import Session

from bot.core.ownership.decision import Mute, Standing, State
from bot.core.ownership.scope import THIS, Breadth, Scope
from bot.errors import NotFound, Refused
from storage import decisions, merges, signatures, tables, wide_mutes
from storage.tables import Signature

_NEAR = 0.5
"""How alike an id must be to be offered for another, without their `E-`: half of it in common."""


def by_name(session: Session, short_id: str) -> Signature:
    """The signature that people see for a short id: what it is merged into, or else itself.

    Raises NotFound, which names similar ids.
    """
    return merges.root(session, named(session, short_id))


def named(session: Session, short_id: str) -> Signature:
    """The signature with a short id, in any spelling, merged or not. Raises NotFound, which names
    similar ids."""
    said = short_id.replace("\0", "").strip().strip("`*_<>").upper()
    bare = said.removeprefix("E-")
    names = (said,) if said != bare else (f"E-{bare.removeprefix('E')}", f"E-{bare}")
    for name in names:
        if found := signatures.find(session, name):
            return found
    ids = [name.removeprefix("E-") for name in signatures.short_ids(session)]
    near = get_close_matches(names[0].removeprefix("E-"), ids, n=3, cutoff=_NEAR)
    hint = (
        f"Did you mean {' or '.join(f'E-{name}' for name in near)}?"
        if near
        else "A search finds one by its words."
    )
    raise NotFound(f"There is no signature {names[0][:40]}. {hint}")


def unmerged(session: Session, short_id: str) -> Signature:
    """The signature with a short id, for a decision that somebody began while it was not merged.

    Raises NotFound as `named` does, and Refused where it was merged meanwhile: whoever looked at
    the one did not mean the other.
    """
    found = named(session, short_id)
    into = merges.root(session, found).short_id
    if into != found.short_id:
        raise Refused(
            f"{found.short_id} is merged into {into} by now, and nothing was done. "
            f"Open the form again for {into}."
        )
    return found


def by_number(session: Session, signature_id: int) -> Signature:
    """The signature with this number. Raises NotFound."""
    found = signatures.get(session, [signature_id]).get(signature_id)
    if found is None:
        raise NotFound(f"There is no signature number {signature_id}.")
    return found


def standing(session: Session, signature: Signature) -> Standing:
    """The state of a signature, with the mute that holds and what it is merged into."""
    mute, into = decisions.mute_of(session, signature.id), signature.merged_into
    scopes = scopes_of(session, [mute] if mute else [])
    stands = standing_of(signature, mute, scopes)
    return (
        stands if into is None else replace(stands, merged_into=by_number(session, into).short_id)
    )


def standing_of(
    signature: Signature, mute: tables.Mute | None, scopes: Mapping[int, Scope]
) -> Standing:
    """The state of a signature under a mute, if there is one; `merged_into` is left empty."""
    return Standing(
        state=State(signature.state),
        owner=signature.owner,
        owner_reason=signature.owner_reason,
        owner_decided=signature.owner_decided,
        assignee=signature.assignee,
        claimed_at=signature.claimed_at,
        resolved_at=signature.resolved_at,
        resolved_in=signature.resolved_in,
        mute=mute_of(mute, scopes) if mute else None,
    )


def scopes_of(session: Session, rows: Iterable[tables.Mute]) -> dict[int, Scope]:
    """By number, the scope of each wide mute that any of these mutes is part of."""
    numbers = {row.wide_id for row in rows if row.wide_id is not None}
    found = wide_mutes.get(session, numbers) if numbers else {}
    return {number: scope_of(wide) for number, wide in found.items()}


def scope_of(wide: tables.WideMute) -> Scope:
    """What a wide mute covers."""
    return Scope(Breadth(wide.breadth), wide.subject)


def mute_of(row: tables.Mute, scopes: Mapping[int, Scope]) -> Mute:
    """A mute, from its row; `scopes` has those of wide mutes by number."""
    return Mute(
        reason=row.reason,
        by=row.by,
        at=row.at,
        until=row.until,
        max_events=row.max_events,
        max_customers=row.max_customers,
        total_at_start=row.total_at_start,
        hit_at_start=row.hit_at_start,
        max_factor=row.max_factor,
        daily_at_start=row.daily_at_start,
        scope=THIS if row.wide_id is None else scopes[row.wide_id],
        wide=row.wide_id,
    )
