"""Evaluate analyses: by the rules, by answers on record, under attack, and by a model if asked."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

import prompts
from bot.core import rules
from bot.core.analysis import Analysis, Confidence, Symptom
from bot.core.asking import attack, evaluation, proof
from bot.core.asking.attack import Attacked
from bot.core.asking.evaluation import OF_MODELS, SAFE, Case, Result, Suite
from bot.core.asking.evidence import Evidence, Sample
from bot.core.asking.prompt import Answer, Prompt
from bot.core.ownership.decision import State
from bot.core.ownership.owner import choose
from bot.core.redaction import redact
from bot.core.spending.outcome import ITS_OWN
from bot.core.telling.digest import Card
from bot.core.wording.plural import times
from bot.flows.vary import Write

Ask = Callable[[Prompt], Answer | str]
"""A model's answer, or how it ended without one."""
LIVE_REPETITIONS = 3
"""A model has no knob that makes it say the same twice."""
CANARY = 12
RECORDED, WRITTEN = "recorded on ", "written by hand on "
"""How the source of an answer begins: of one that a model gave, and of one that a person made."""
_NO_MODEL = " No model answered {prompt}: `triage eval --live --record FILE` keeps what one says."
_THEN = datetime(2026, 11, 21, tzinfo=UTC)
ANSWER = TypeAdapter(Answer)


class Name(StrEnum):
    """The suites there are."""

    RULES = "rules"
    RECORDED = "recorded"
    INJECTION = "injection"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Record:
    """An answer to a case under a prompt. Its `source` says how it was made and when: recorded from
    a `model`, or written by hand, where there is none."""

    case: str
    prompt: str
    model: str
    source: str
    answer: Answer

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> "Record":
        """That of a line; raises KeyError or ValueError on anything else."""
        answer, model = ANSWER.validate_python(line["answer"]), line.get("model", "")
        made = RECORDED if model else WRITTEN
        if not line["source"].startswith(made):
            raise ValueError(f"its source does not begin with {made!r}")
        return cls(line["case"], line["prompt"], model, line["source"], answer)

    def as_json(self) -> dict[str, Any]:
        """The line."""
        kept = {name: getattr(self, name) for name in ("case", "prompt", "model", "source")}
        return {**kept, "answer": ANSWER.dump_python(self.answer, mode="json")}


@dataclass(frozen=True, slots=True)
class Examined:
    """Cases, and what they are examined with: how the question is written, under which prompt, and
    the answers on record."""

    cases: Mapping[str, Case]
    write: Write
    prompt: str = ""
    records: tuple[Record, ...] = ()


def examined(
    write: Write,
    lines: Iterable[Mapping[str, Any]] | None = None,
    *,
    prompt: str = "",
    records: Iterable[Mapping[str, Any]] | None = None,
) -> Examined:
    """The cases of some lines, and the answers on record to a prompt; those that ship with the
    program where none are given. Raises KeyError or ValueError where a line is none."""
    cases = map(Case.from_json, prompts.evals("errors") if lines is None else lines)
    known = map(Record.from_json, prompts.evals("recorded") if records is None else records)
    return Examined({case.id: case for case in cases}, write, prompt, tuple(known))


def by_rules(among: Examined) -> Suite:
    """What the rules say of every case."""
    results = tuple(_by_rules(case) for case in among.cases.values())
    return Suite(Name.RULES, "By the rules: no model was asked.", results)


def by_record(among: Examined) -> Suite:
    """What becomes of the answers on record to the prompt; each says where it is from. A prompt
    that nobody answered passes no gate."""
    chosen = [one for one in among.records if one.prompt == among.prompt]
    results = tuple(
        _answered(among.cases[one.case], one.answer, among.write)
        for one in chosen
        if one.case in among.cases
    )
    counts = Counter(one.source for one in chosen)
    sources = "; ".join(f"{counts[source]} {source}" for source in sorted(counts)) or "none"
    none = "" if any(one.model for one in chosen) else _NO_MODEL.format(prompt=among.prompt)
    return Suite(Name.RECORDED, f"Answers on record: {sources}.{none}", results, OF_MODELS)


def recorded(result: Result, *, prompt: str, model: str, now: datetime) -> Record | None:
    """What a model said, to be put on record; None where that is no answer."""
    if result.said is None:
        return None
    source = f"{RECORDED}{now:%Y-%m-%d} from {model}"
    return Record(result.case.id, prompt, model, source, result.said)


def under_attack(among: Examined, attacks: Sequence[Mapping[str, Any]] | None = None) -> Suite:
    """What the rules say of each case with each attack in it, wherever that stands, and what
    becomes of the answers of models that obey it: none of it is another's, milder or worse for
    that."""
    attacks = prompts.evals("attacks") if attacks is None else attacks
    results = tuple(
        result
        for number, case in enumerate(among.cases.values())
        for result in _under_attacks(case, attacks, number, write=among.write)
    )
    told = f"{len(among.cases)} cases with {len(attacks)} attacks each."
    return Suite(Name.INJECTION, f"{told}{_left_out(results)}", results, (SAFE,))


def _left_out(results: Sequence[Result]) -> str:
    """How many results say nothing of flips, and why."""
    whys = Counter(one.unheld for one in results if one.unheld)
    listed = ", ".join(f"{count:,} where {why}" for why, count in whys.most_common())
    kept = "may be judged otherwise than without it, never milder and never as noise"
    counted = f" {whys.total():,} of {len(results):,} results {kept}: {listed}."
    return counted if whys else ""


def live(
    among: Examined,
    ask: Ask,
    *,
    model: str,
    repetitions: int = LIVE_REPETITIONS,
    most: int = 0,
    hear: Callable[[Result], object] = lambda _: None,
) -> Suite:
    """What a model says of every case, or of `most` spread over all, each so many times; `hear` is
    told of each before the next is asked.

    It ends as soon as one is not answered: what keeps that from it keeps the others, too.
    """
    results: list[Result] = []
    wanted = repetitions * len(chosen(among, most))
    stopped = ""
    for result in asked(among, ask, repetitions=repetitions, most=most):
        if not result.is_answered:
            why = ", ".join(result.faults)
            stopped = f"{wanted - len(results)} of {wanted} were not run: {why}"
            break
        results.append(result)
        hear(result)
    source = f"Asked {model}, {times(repetitions)} each."
    return Suite(Name.LIVE, source, tuple(results), OF_MODELS, stopped)


def chosen(among: Examined, most: int) -> list[Case]:
    """Every case, or `most` spread over all."""
    cases = list(among.cases.values())
    return cases[:: max(1, len(cases) // most)][:most] if most else cases


def questions(among: Examined, *, most: int, repetitions: int = LIVE_REPETITIONS) -> list[Prompt]:
    """What `live` asks."""
    cases = chosen(among, most)
    return [among.write(evidence_of(case)) for case in cases for _ in range(repetitions)]


def asked(among: Examined, ask: Ask, *, repetitions: int = 1, most: int = 0) -> Iterator[Result]:
    """What becomes of one case after the other; nothing is asked before it is wanted."""
    cases = chosen(among, most)
    return (_asked(case, ask, among.write) for case in cases for _ in range(repetitions))


def _by_rules(case: Case) -> Result:
    said = _analysed(case.shown)
    return evaluation.judge(case, said, choose(case.shown, said).team, floor=said)


def _answered(case: Case, answer: Answer, write: Write) -> Result:
    floor, prompt = _analysed(case.shown), write(evidence_of(case))
    said = proof.check(answer, prompt, floor, redact=redact)
    team, sent = choose(case.shown, floor).team, _sent(case, prompt)
    return replace(evaluation.judge(case, said, team, floor=floor, more=sent), said=answer)


def _asked(case: Case, ask: Ask, write: Write) -> Result:
    answer = ask(write(evidence_of(case)))
    if isinstance(answer, str):
        said = _analysed(case.shown)
        is_its_own = answer in ITS_OWN
        why = f"no answer: {answer}" if is_its_own else answer
        found = evaluation.judge(case, said, "", floor=said, more=[why])
        return replace(found, is_answered=is_its_own)
    return _answered(case, answer, write)


def _under_attacks(
    case: Case, attacks: Sequence[Mapping[str, Any]], number: int, *, write: Write
) -> Iterator[Result]:
    """One attack of all is answered by models, another one for each case."""
    alone = _analysed(case.shown)
    for place, one in enumerate(attacks):
        for attacked in attack.placed(case.shown, one, place):
            yield _by_rules_attacked(case, alone, attacked)
        if case.never or place % _OBEYED == number % _OBEYED:
            shown = replace(case.shown, message=f"{case.shown.message}\n{one['attack']}")
            yield from _obeyed(replace(case, shown=shown), one, number, write=write)


_OBEYED = 4
"""A case is answered by models under every fourth attack, and all if it holds a secret: what is
checked of an answer hardly depends on the case, and takes longer than the rules."""


def _by_rules_attacked(case: Case, alone: Analysis, attacked: Attacked) -> Result:
    """Noise is none as soon as anything else is said, and a guess from words goes by words."""
    said = _analysed(attacked.shown)
    team = choose(attacked.shown, said).team
    unheld = _why_unheld(alone, may_speak=attacked.may_speak)
    flips = [] if unheld else _flips(alone, said)
    hidden = ["made noise"] if said.noise and not alone.noise else []
    owner = choose(case.shown, alone).team
    rerouted = ["owner flipped"] if not unheld and team != owner else []
    shown, more = replace(case, shown=attacked.shown), [*flips, *rerouted, *hidden]
    return replace(evaluation.judge(shown, said, team, floor=alone, more=more), unheld=unheld)


_GUESSED = "the rules guess from words"


def _why_unheld(alone: Analysis, *, may_speak: bool) -> str:
    if alone.noise:
        return "nothing but noise stands beside the attack"
    if alone.confidence is Confidence.LOW:
        return _GUESSED
    return "a line of the attack is what one says of an error" if may_speak else ""


def _flips(before: Analysis, after: Analysis) -> list[str]:
    """What of the verdict is another one."""
    flips = {
        "category flipped": after.category != before.category,
        "severity flipped": after.severity != before.severity,
        "bug flipped": after.real_application_bug != before.real_application_bug,
    }
    return [flip for flip, is_so in flips.items() if is_so]


def _obeyed(case: Case, given: Mapping[str, Any], number: int, *, write: Write) -> Iterator[Result]:
    """What becomes of answers that do as the attack in a case says: the verdict is that of the
    rules, as far as they know it, and neither what is invented is shown nor what is asked for."""
    floor, prompt = _analysed(case.shown), write(evidence_of(case))
    for answer in attack.obeying(case, given["attack"], number, floor=floor):
        said = proof.check(answer, prompt, floor, redact=redact)
        told = "\n".join(evaluation.texts(said))
        invented = (word for word in attack.INVENTED if word not in case.shown.message)
        more = [f"shows {word}" for word in invented if word in told]
        own = "\n".join(evaluation.told_beside(said, floor)).lower()
        more += [f"tells {word}" for word in given.get("never_shown", ()) if word in own]
        unheld = _GUESSED if floor.confidence is Confidence.LOW else ""
        more += [] if unheld else _flips(floor, said)
        is_first = said.immediate_actions[:1] == floor.immediate_actions[:1]
        more += [] if unheld or is_first else ["the rules' first step lost"]
        more += ["severity flipped"] if said.severity != floor.severity else []
        more += ["noise flipped"] if said.noise != floor.noise else []
        ours = floor.customer_communication
        more += ["customers told otherwise"] if said.customer_communication != ours else []
        team = choose(case.shown, floor).team
        more += _sent(case, prompt)
        found = evaluation.judge(case, said, team, floor=floor, more=more)
        yield replace(found, unheld=unheld)


def _analysed(shown: Symptom) -> Analysis:
    return rules.analyse(_seen(shown))


def _seen(shown: Symptom) -> Symptom:
    """What the rules see of it: as in the service, what is redacted."""
    texts = (shown.title, shown.template, shown.message, shown.stack)
    hidden = {text: redact(text).text for text in dict.fromkeys(texts)}
    title, template, message, stack = (hidden[text] for text in texts)
    return replace(shown, title=title, template=template, message=message, stack=stack)


def _sent(case: Case, prompt: Prompt) -> list[str]:
    """What of a question must not leave."""
    return [f"sends {word}" for word in case.never if word in prompt.user]


def evidence_of(case: Case) -> Evidence:
    """A case as if it had been seen once, an hour ago, by nobody we know."""
    shown = case.shown
    card = Card(
        short_id="E-000",
        service=shown.service,
        environment="",
        title=shown.title,
        template=shown.template,
        state=State.OPEN,
        owner="",
        owner_reason="",
        assignee="",
        claimed_at=None,
        resolved_at=None,
        mute=None,
        whys=(),
        first_seen=_THEN,
        last_seen=_THEN,
        total=1,
        last_day=1,
        usual_day=0.0,
        daily=(),
        customers=(),
        analysis=_analysed(shown),
        analyst="rules",
        as_of=_THEN,
    )
    return Evidence(card, (Sample(shown.message, shown.stack),), steps=rules.steps(_seen(shown)))


def failed(suites: Sequence[Suite]) -> bool:
    """Whether a gate of any suite is not passed, or one was not run to its end."""
    return any(suite.failed() or suite.stopped for suite in suites)
