import pytest

from bot.core.ownership.decision import PROGRAM, Decision, Standing, State
from bot.core.ownership.trail import sentence


@pytest.mark.parametrize("kind", Decision)
def test_every_decision_is_told_with_who_made_it(kind: Decision) -> None:
    said = sentence(kind, "U1", reason="why", after=Standing(owner="dev", merged_into="E-AB2"))
    assert said.startswith("<@U1> ")


def test_a_merge_names_both_and_what_the_program_does_is_its_own() -> None:
    said = sentence(
        "merge", PROGRAM, reason="moved", after=Standing(merged_into="E-AB2"), it="E-7K2"
    )
    assert said == "Triage merged E-7K2 into E-AB2"


@pytest.mark.parametrize(
    ("undone", "after", "holds"),
    [
        ("claim", Standing(), "it is open again"),
        ("mute", Standing(state=State.CLAIMED, assignee="U2"), "whoever had it has it again"),
        ("unmute", Standing(state=State.MUTED), "it is muted again"),
        ("reopen", Standing(state=State.RESOLVED), "it is resolved again"),
        ("reroute", Standing(owner="platform"), "it is platform's again"),
        ("reroute", Standing(), "it is nobody's again"),
        ("merge", Standing(), "it counts for itself again"),
        ("split", Standing(merged_into="E-9XM"), "it counts for E-9XM again"),
    ],
)
def test_an_undo_says_what_holds_now(undone: str, after: Standing, holds: str) -> None:
    said = sentence("undo", "U1", reason=f"undid {undone}", after=after)
    assert said == f"<@U1> undid {undone}: {holds}"
