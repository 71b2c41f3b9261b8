"""A second prompt or model explains a share, or is compared with the first and shown to nobody."""

from dataclasses import replace
from functools import partial

import pytest

from bot.core.analysis import Level
from bot.core.asking.prompt import Answer
from bot.core.flag import Flag
from bot.core.spending.budget import Feature
from bot.core.spending.outcome import (
    NOTHING,
    Call,
    Config,
    Failure,
    Truncated,
)
from bot.core.spending.routing import Tier
from bot.flows import vary
from bot.flows.vary import Ways
from storage import flags, signatures
from storage.database import Database
from tests.builders import NOON, an_answer
from tests.fakes import Clock, Models
from tests.flows.asking import (
    BILLED,
    EVERYTHING,
    OPUS,
    TERMS,
    a_way,
    an_analyst,
    explained,
    ledger,
    nearly_used_up,
    switched_off,
    unusual,
)


@pytest.mark.parametrize("first", [Truncated(BILLED, ""), an_answer()])
def test_the_switch_stops_second_tries_and_comparisons(
    database: Database, first: Failure | Answer
) -> None:
    number = unusual(database)
    models = Models(first, an_answer(), meanwhile=partial(switched_off, database))
    an_analyst(database, models, ways=EVERYTHING).round()
    assert len(models.asked) == 1
    is_answered = isinstance(first, Answer)
    assert (explained(database, number).analyst != "rules") is is_answered, "what was paid stays"


def test_where_money_is_short_nothing_is_compared(database: Database) -> None:
    unusual(database)
    nearly_used_up(database)
    models = Models(an_answer())
    an_analyst(database, models, ways=EVERYTHING).round()
    assert [model for model, _ in models.asked] == ["claude-haiku-5-5"]


def test_a_second_model_is_compared_and_shown_to_nobody(database: Database) -> None:
    number = unusual(database)
    models = Models(an_answer(), an_answer(severity=Level.CRITICAL))
    an_analyst(database, models, ways=EVERYTHING).round()
    assert explained(database, number).content["severity"] == "High"
    _, compared = ledger(database)
    assert (compared.feature, compared.model) == (Feature.SHADOW, "claude-opus-5-5")
    assert "severity Critical, not High" in compared.why


def of_both(*, share: float = 0.0, shadow_share: float = 0.0) -> Ways:
    """A second version of the prompt beside the first."""
    trial = a_way("analysis 2")
    return Ways(a_way(), trial=trial, share=share, shadow_share=shadow_share)


def test_a_share_of_all_signatures_is_explained_by_the_prompt_on_trial(database: Database) -> None:
    numbers = [unusual(database, service=f"shop {letter}") for letter in "abcdefghijklmnop"]
    analyst = an_analyst(database, Models(an_answer()), ways=of_both(share=0.5))
    while analyst.round():
        pass
    versions = {explained(database, number).version for number in numbers}
    assert versions == {"analysis 1", "analysis 2"}
    assert {call.prompt for call in ledger(database)} == versions


def test_one_signature_goes_the_same_way_every_time_and_everywhere(database: Database) -> None:
    numbers = [unusual(database, service=f"shop {letter}") for letter in "abcdefgh"]
    chosen = []
    for share in (0.3, 0.3, 0.6):
        with database.read() as session:
            way_of = vary.chooser(session, of_both(share=share), now=NOON)
            keys = {n: row.fingerprint for n, row in signatures.get(session, numbers).items()}
        chosen.append({n for n, key in keys.items() if way_of(key).prompt == "analysis 2"})
    first, again, more = chosen
    assert first == again
    assert first <= more, "who is in a share stays in a larger one"


def test_a_share_is_set_live_and_ended_live(database: Database) -> None:
    unusual(database)
    models, ways = Models(an_answer()), of_both()
    with database.write() as session:
        flags.put(session, Flag.TRIAL, on=True, percent=100, by="U1", reason="", now=NOON)
    an_analyst(database, models, ways=ways).round()
    unusual(database, service="another")
    with database.write() as session:
        flags.put(session, Flag.TRIAL, on=False, by="U1", reason="worse", now=NOON)
    an_analyst(database, models, ways=ways).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 2", "analysis 1"]


def test_without_a_share_nothing_is_tried(database: Database) -> None:
    unusual(database)
    models = Models(an_answer())
    an_analyst(database, models, ways=of_both()).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 1"]


def test_what_a_trial_explained_is_not_asked_again_when_the_trial_ends(database: Database) -> None:
    unusual(database)
    clock, models = Clock(), Models(an_answer())
    an_analyst(database, models, clock=clock, ways=of_both(share=1)).round()
    clock.move(hours=12)
    an_analyst(database, models, clock=clock, ways=of_both()).round()
    assert len(models.asked) == 1


def test_a_model_is_tried_in_the_place_of_one_and_not_of_the_other(database: Database) -> None:
    unusual(database)
    unusual(database, kind="spike", service="known")
    models = Models(an_answer())
    terms = replace(TERMS, models={**TERMS.models, Tier.STRONG: OPUS})
    ways = Ways(a_way(), trial=a_way(terms=terms), share=1)
    an_analyst(database, models, ways=ways).round()
    assert {model for model, _ in models.asked} == {OPUS, "claude-haiku-5-5"}


def test_who_tries_a_model_that_cannot_be_asked_explains_as_ever(database: Database) -> None:
    terms = replace(TERMS, models={**TERMS.models, Tier.STRONG: OPUS})
    ways = Ways(a_way(), trial=a_way("analysis 2", terms), share=1)
    for word in ("alpha", "beta", "gamma"):
        unusual(database, service=word)
    misnamed = Models(Config(Call(OPUS, usage=NOTHING), "HTTP 404"))
    an_analyst(database, misnamed, ways=ways).round()
    number = unusual(database, service="delta")
    an_analyst(database, Models(an_answer()), ways=ways).round()
    kept = explained(database, number)
    assert (kept.analyst, kept.version) == ("claude-sonnet-5-5", "analysis 1")


def test_a_prompt_on_trial_is_compared_and_shown_to_nobody(database: Database) -> None:
    number = unusual(database)
    models = Models(an_answer(), an_answer(severity=Level.CRITICAL))
    an_analyst(database, models, ways=of_both(shadow_share=1)).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 1", "analysis 2"]
    assert explained(database, number).version == "analysis 1"
    _, compared = ledger(database)
    assert (compared.feature, compared.prompt) == (Feature.SHADOW, "analysis 2")
    assert compared.why == "severity Critical, not High"


def test_what_is_on_trial_is_not_compared_with_itself(database: Database) -> None:
    unusual(database)
    models = Models(an_answer())
    an_analyst(database, models, ways=of_both(share=1, shadow_share=1)).round()
    assert [prompt.name for _, prompt in models.asked] == ["analysis 2"]


def test_the_comparison_can_be_switched_off(database: Database) -> None:
    unusual(database)
    with database.write() as session:
        flags.put(session, Flag.SHADOW, on=False, by="U1", reason="", now=NOON)
    models = Models(an_answer())
    an_analyst(database, models, ways=EVERYTHING).round()
    assert len(models.asked) == 1
