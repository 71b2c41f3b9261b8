import pytest

from bot.core.decision import PROGRAM, Decision, Standing
from bot.core.trail import sentence


@pytest.mark.parametrize("kind", Decision)
def test_every_decision_is_told_with_who_made_it(kind: Decision) -> None:
    said = sentence(kind, "U1", reason="why", after=Standing(owner="dev", merged_into="E-AB2"))
    assert said.startswith("<@U1> ")


def test_a_merge_names_both_and_what_the_program_does_is_its_own() -> None:
    said = sentence(
        "merge", PROGRAM, reason="moved", after=Standing(merged_into="E-AB2"), it="E-7K2"
    )
    assert said == "Triage merged E-7K2 into E-AB2"
