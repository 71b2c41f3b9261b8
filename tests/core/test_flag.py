"""How a flag may be set, and what share that is."""

import pytest

from bot.core.flag import OFF, ON, Flag, Position, position


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("on", ON),
        (" OFF ", OFF),
        ("20", Position(percent=20)),
        ("20%", Position(percent=20)),
        ("100 %", Position(percent=100)),
        ("0", OFF),
        ("101", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("", None),
        ("many", None),
    ],
)
def test_what_is_on_trial_is_on_off_or_has_a_share(word: str, meant: Position | None) -> None:
    assert position(Flag.TRIAL, word) == meant


def test_what_has_no_share_is_on_or_off() -> None:
    assert position(Flag.MODEL, "off") == OFF
    assert position(Flag.MODEL, "20") is None


@pytest.mark.parametrize(("stands", "share"), [(OFF, 0.0), (ON, 0.1), (Position(percent=25), 0.25)])
def test_a_share_that_was_set_holds_before_that_of_the_settings(
    stands: Position, share: float
) -> None:
    assert stands.share(0.1) == share


@pytest.mark.parametrize("stands", [ON, OFF, Position(percent=7)])
def test_a_position_is_read_back_as_it_is_written(stands: Position) -> None:
    assert position(Flag.SHADOW, str(stands)) == stands
