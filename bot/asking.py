"""Build from settings everything that asks a model."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import blake2b
from secrets import token_hex
from typing import TypeVar

import prompts
from bot.core.asking import proof
from bot.core.asking.evidence import Evidence
from bot.core.asking.prompt import Prompt
from bot.core.flag import Flag
from bot.core.redaction import Redactor
from bot.core.spending.outcome import NOTHING, Failure, Ok, Outcome
from bot.core.spending.routing import Tier
from bot.core.spending.tally import Tally
from bot.core.trace import Trace, untraced
from bot.errors import SettingsError
from bot.flows import canary, evaluate, examine, probe, retire, spend
from bot.flows.analyse import Analyst
from bot.flows.evaluate import Ask
from bot.flows.examine import Foreseen
from bot.flows.preview import NO_MODEL
from bot.flows.shadow import Shadow
from bot.flows.spend import Denied, Terms
from bot.flows.tally import tally
from bot.flows.vary import Way, Ways, Write
from bot.llm import port, question
from bot.settings import Llm, Settings
from prompts import Library
from storage.database import Database
from storage.locks import Presence

T = TypeVar("T")


def terms(settings: Settings) -> Terms:
    """Which provider and models to ask, what they charge, and what may be spent."""
    llm = settings.llm
    return Terms(
        provider=llm.provider,
        settings=_mark(llm),
        models={Tier.CHEAP: llm.cheap, Tier.STRONG: llm.strong},
        prices=llm.known_prices,
        caps=llm.budget.caps,
        channels=tuple(channel.id for channel in settings.channels[:1]),
        key=llm.key_name,
        probe_seconds=max(port.PROBE_SECONDS, llm.deadline_seconds),
    )


def prompt_name(version: str = "") -> str:
    """The name by which the ledger and the records know a version of the prompt, or the current
    one: "analysis 1".

    Raises SettingsError, which lists the versions there are.
    """
    return _name(prompts.library(), version)


def _name(library: Library, version: str) -> str:
    try:
        manifest = library.manifest(question.TEMPLATE, version)
    except LookupError as unknown:
        raise SettingsError(str(unknown.args[0])) from unknown
    return f"{manifest.id} {manifest.version}"


def writer(redact: Redactor, *, version: str = "", library: Library | None = None) -> Write:
    """A function that writes the question to a model by a version of the prompt, or the current
    one."""
    known_prompts = library or prompts.library()

    def write(known: Evidence) -> Prompt:
        nonce = token_hex(8)
        return question.write(known_prompts, known, nonce=nonce, redact=redact, version=version)

    return write


def ways(settings: Settings, *, version: str = "", library: Library | None = None) -> Ways:
    """How errors are explained: by one version of the prompt, if it is given; else by the prompt
    and models in use and, for a share, by those on trial."""
    known, usual, trial = library or prompts.library(), terms(settings), settings.llm.trial
    way = partial(_way, settings, known)
    tried = known.on_trial(question.TEMPLATE)
    if version or not (tried or trial.cheap or trial.strong):
        return Ways(way(usual, version))
    models = {
        Tier.CHEAP: trial.cheap or usual.models[Tier.CHEAP],
        Tier.STRONG: trial.strong or usual.models[Tier.STRONG],
    }
    other = way(replace(usual, models=models), tried.version if tried else "")
    return Ways(way(usual, ""), other, trial.share, trial.shadow_share)


def _way(settings: Settings, library: Library, asked: Terms, version: str) -> Way:
    redact = settings.redactor()
    return Way(
        terms=asked,
        prompt=_name(library, version),
        write=writer(redact, version=version, library=library),
        check=partial(proof.check, redact=redact),
    )


def analyst(
    settings: Settings,
    database: Database,
    presence: Presence,
    *,
    clock: Callable[[], datetime],
    trace: Trace = untraced,
) -> Analyst | None:
    """Whatever explains errors by models; None where no model is set up."""
    llm = settings.llm
    if not llm.is_on:
        return None
    model, given, seconds = _connect(llm, trace), ways(settings), llm.deadline_seconds
    shadow = Shadow(database, model, ways=given, clock=clock, within_seconds=seconds)
    return Analyst(
        database,
        model,
        ways=given,
        clock=clock,
        stopping=threading.Event(),
        holder=presence.worker,
        gone=presence.gone,
        deadline_seconds=seconds,
        compare=shadow.compare,
    )


@dataclass(frozen=True, slots=True)
class Round:
    """A job that asks models now and then: `round` asks what is due, `stop` ends it."""

    round: Callable[[], object]
    stop: Callable[[], object]


def daily(
    settings: Settings,
    database: Database,
    presence: Presence,
    *,
    clock: Callable[[], datetime],
    trace: Trace = untraced,
) -> Round | None:
    """The job that asks both models the same cases every day; None without models, or if switched
    off."""
    if not (settings.llm.is_on and settings.llm.canary):
        return None
    model = _connect(settings.llm, trace)
    among = evaluate.examined(writer(settings.redactor()))
    channels, prompt = terms(settings).channels, prompt_name()

    def sing(name: str) -> None:
        canary.sing(
            database,
            among,
            _examiner(settings, database, model, name=name, clock=clock),
            model=name,
            prompt=prompt,
            channels=channels,
            holder=presence.worker,
            gone=presence.gone,
            now=clock(),
        )

    def each() -> None:
        for name in dict.fromkeys((settings.llm.cheap, settings.llm.strong)):
            sing(name)

    return Round(each, model.stop)


def probing(
    settings: Settings,
    database: Database,
    *,
    clock: Callable[[], datetime],
    trace: Trace = untraced,
) -> Round | None:
    """The job that tries, at the start and once a day, whether each model answers in the wanted
    form.

    Models that answered lately are left out, and all of them while models are switched off.
    """
    llm = settings.llm
    if not llm.is_on:
        return None
    model = _connect(llm, trace)
    given = terms(settings)

    def look() -> None:
        if switched_off(database):
            return
        probe.look(database, model, llm.names, terms=given, clock=clock)
        retire.tell(database, _ends(model, llm), terms=given, now=clock())

    return Round(look, model.stop)


def retiring(settings: Settings, *, now: datetime) -> dict[str, str]:
    """What to say of each model that its provider retires soon, or has retired."""
    return retire.near(_ends(_connect(settings.llm), settings.llm), now=now)


def _ends(model: port.Model, llm: Llm) -> dict[str, datetime]:
    ends = {name: model.retires(name, within_seconds=port.PROBE_SECONDS) for name in llm.names}
    return {name: at for name, at in ends.items() if at}


def foresee(
    settings: Settings,
    database: Database,
    questions: Sequence[Prompt],
    *,
    name: str,
    now: datetime,
) -> Foreseen:
    """What asking a model some questions will cost. Raises SettingsError without a model."""
    _must_be_on(settings)
    with database.read() as session:
        return examine.foresee(session, terms(settings), questions, model=name, now=now)


def examiner(
    settings: Settings, database: Database, *, name: str, clock: Callable[[], datetime]
) -> Ask:
    """A function that asks a model about judged errors, within the budget. Raises SettingsError
    without a model."""
    _must_be_on(settings)
    return _examiner(settings, database, _connect(settings.llm), name=name, clock=clock)


def _must_be_on(settings: Settings) -> None:
    if not settings.llm.is_on:
        raise SettingsError(f"{NO_MODEL}: docs/configuration.md says how to add one.")


def _examiner(
    settings: Settings,
    database: Database,
    model: port.Model,
    *,
    name: str,
    clock: Callable[[], datetime],
) -> Ask:
    return examine.asking(
        database,
        model,
        terms=terms(settings),
        name=name,
        clock=clock,
        within_seconds=settings.llm.deadline_seconds,
    )


def withheld(settings: Settings, database: Database, *, now: datetime) -> str:
    """Why no model is asked anything now, or an empty string."""
    if not settings.llm.is_on:
        return NO_MODEL
    with database.read() as session:
        return spend.denial(session, terms(settings), now=now)


def costs(settings: Settings, database: Database, *, now: datetime) -> Tally:
    """What models cost."""
    why = withheld(settings, database, now=now)
    return tally(database, terms(settings), withheld=why, now=now)


def probed(
    settings: Settings, database: Database | None, *, clock: Callable[[], datetime]
) -> Iterator[tuple[str, Failure | Denied | None]]:
    """For each model what is wrong with it, found out by one tiny question, or why it may not be
    asked; None where it answers. Without a database there is no ledger yet, and every model may be
    asked."""
    llm = settings.llm
    model, given = _connect(llm), terms(settings)
    for name in llm.names:
        if database is None:
            ended = probe.ask(model, name, within_seconds=given.probe_seconds)
            yield name, None if isinstance(ended, Ok) else ended
        else:
            yield name, probe.probe(database, model, terms=given, name=name, clock=clock)


def switched_off(database: Database) -> str:
    """Why no model at all may be asked, or an empty string."""
    with database.read() as session:
        return spend.switched_off(session, Flag.MODEL)


def _connect(llm: Llm, trace: Trace = untraced) -> port.Model:
    model = port.connect(
        llm.provider, key=llm.key, base_url=llm.address, api_version=llm.api_version
    )
    return _Traced(model, trace)


@dataclass(frozen=True, slots=True)
class _Traced:
    """A model whose calls are traced."""

    model: port.Model
    trace: Trace

    def ask(
        self, prompt: Prompt, schema: type[T], *, model: str, within_seconds: float
    ) -> Outcome[T]:
        facts = {"gen_ai.request.model": model, "prompt": f"{prompt.id} {prompt.version}"}
        with self.trace("ask a model", facts) as note:
            found = self.model.ask(prompt, schema, model=model, within_seconds=within_seconds)
            used = found.call.usage or NOTHING
            tokens = {
                "gen_ai.usage.input_tokens": used.input,
                "gen_ai.usage.output_tokens": used.output,
            }
            note({"outcome": found.name, **tokens})
        return found

    def retires(self, model: str, *, within_seconds: float) -> datetime | None:
        return self.model.retires(model, within_seconds=within_seconds)

    def stop(self) -> None:
        self.model.stop()


def _mark(llm: Llm) -> str:
    """A hash that changes with whatever could make a provider refuse a request; it does not reveal
    the key."""
    given = "\n".join((llm.provider, llm.address, llm.api_version, llm.key, *llm.names))
    return blake2b(given.encode(), digest_size=8).hexdigest()
