"""Prompts and models beside each other are told as two that can be compared."""

from dataclasses import replace

from bot.core.spending.arm import Arm, Unseen, lines

OLD = Arm("analysis 1", "sonnet", "strong", 40, 38, 36, cost=600_000, latency_ms=120_000)
NEW = replace(OLD, prompt="analysis 2", calls=10, answered=10, proven=9, cost=200_000)
NEW = replace(NEW, latency_ms=30_000, helped=3, wrong=1)


def test_two_prompts_are_told_beside_each_other() -> None:
    old, new = lines([OLD, NEW], [])
    assert (
        old == "analysis 1 with sonnet: 38 of 40 answered, 36 proven, 3.0 s each, $15.00 a thousand"
    )
    assert new.startswith("analysis 2 with sonnet: 10 of 10 answered, 9 proven, 3.0 s each, ")
    assert new.endswith("$20.00 a thousand, 3 helped, 1 wrong")


def test_a_class_of_models_with_one_way_has_nothing_to_compare() -> None:
    assert list(lines([OLD, replace(NEW, tier="cheap")], [])) == []


def test_what_nobody_was_shown_says_how_often_it_agreed() -> None:
    (said,) = lines([], [Unseen("analysis 2", "sonnet", answered=40, agreed=30)])
    assert said == "analysis 2 with sonnet, shown to nobody: agrees in 30 of 40"
