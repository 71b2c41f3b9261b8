"""Signatures that behave unusually, and whoever asks models about them."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from threading import Event

from sqlmodel import select

from bot.asking import writer
from bot.core.asking import proof
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Prompt
from bot.core.flag import Flag
from bot.core.redaction import redact
from bot.core.spending.budget import Caps
from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Usage,
)
from bot.core.spending.price import prices
from bot.core.spending.routing import Tier
from bot.core.telling.digest import Card
from bot.flows import describe, find, want
from bot.flows.analyse import Analyst
from bot.flows.record import record
from bot.flows.shadow import Shadow
from bot.flows.spend import Terms
from bot.flows.triage import triage
from bot.flows.vary import Way, Ways
from bot.llm.port import Model
from storage import analyses, anomalies, flags, tables
from storage.database import Database
from storage.locks import Gone, nobody
from tests.builders import NOON, an_event
from tests.fakes import Clock

DOLLAR = 1_000_000
TERMS = Terms(
    provider="anthropic",
    settings="key 1",
    models={Tier.CHEAP: "claude-haiku-5-5", Tier.STRONG: "claude-sonnet-5-5"},
    prices=prices({}),
    caps=Caps(hour=DOLLAR, day=5 * DOLLAR, month=100 * DOLLAR),
)
CALL = Call("claude-haiku-5-5", usage=NOTHING)
BILLED = replace(CALL, usage=Usage(input=10, output=10))


def a_way(prompt: str = "analysis 1", terms: Terms = TERMS) -> Way:
    """Writes the current prompt, whatever it is called."""
    name, version = prompt.split()

    def write(known: Evidence) -> Prompt:
        return replace(writer(redact)(known), id=name, version=version)

    return Way(terms, prompt, write=write, check=partial(proof.check, redact=redact))


class Patience(Event):
    """Waits no time at all, and moves a clock by as much."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self._clock.move(seconds=timeout or 0.0)
        return self.is_set()


def an_analyst(
    database: Database,
    models: Model,
    *,
    clock: Clock | None = None,
    terms: Terms = TERMS,
    holder: str = "here",
    gone: Gone = nobody,
    prompt: str = "analysis 1",
    ways: Ways | None = None,
) -> Analyst:
    clock, ways = clock or Clock(), ways or Ways(a_way(prompt, terms))
    shadow = Shadow(database, models, ways=ways, clock=clock, within_seconds=20)
    return Analyst(
        database,
        models,
        ways=ways,
        clock=clock,
        stopping=Patience(clock),
        holder=holder,
        gone=gone,
        deadline_seconds=20,
        compare=shadow.compare,
    )


def unusual(database: Database, *, kind: str = "new", **event: str) -> int:
    """The number of a signature that behaves unusually and has its analysis by rules."""
    (number,) = record(database, [an_event(**event)], now=NOON).signature_ids
    triage(database, now=NOON, site_rules=())
    opened(database, number, kind=kind)
    return number


def opened(database: Database, number: int, *, kind: str) -> None:
    with database.write() as session:
        anomalies.begin(session, number, kind=kind, now=NOON, reason="so", receipt={})


def explained(database: Database, number: int) -> tables.Analysis:
    with database.read() as session:
        return analyses.of(session, [number])[number]


def shown(database: Database, number: int) -> Card:
    with database.read() as session:
        return describe.card(session, find.by_number(session, number), now=NOON)


def wanted(database: Database, *, now: datetime = NOON) -> list[int]:
    with database.read() as session:
        return [
            one.id for one in want.wanted(session, prompt=lambda _: "analysis 1", but=(), now=now)
        ]


def ledger(database: Database) -> list[tables.Call]:
    with database.read() as session:
        return list(session.exec(select(tables.Call)).all())


def switched_off(database: Database, flag: Flag = Flag.MODEL) -> None:
    with database.write() as session:
        flags.put(session, flag, on=False, by="U1", reason="", now=NOON)


OPUS = "claude-opus-5-5"
EVERYTHING = Ways(
    a_way(),
    trial=a_way(terms=replace(TERMS, models=dict.fromkeys(Tier, OPUS))),
    shadow_share=1,
)


def nearly_used_up(database: Database) -> None:
    """85 % of an hour's budget are gone."""
    with database.write() as session:
        spent = {"feature": "", "team": "", "provider": "anthropic", "tier": "", "prompt": ""}
        session.add(tables.Call(at=NOON, asked="", outcome="ok", reserved=850_000, **spent))
