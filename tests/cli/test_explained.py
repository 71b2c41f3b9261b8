from bot.cli.explained import explained
from bot.core import explanation


def test_an_explanation_shows_what_was_set_aside_masked_and_kept() -> None:
    line = (
        "2026-11-21T02:17:02Z ERROR password=hunter22 gave 404 status code 404 \x1b[2J after 31 ms"
    )
    said = explained(explanation.of(line))
    assert "hunter22" not in said
    assert "\x1b" not in said
    assert "31 ms → <num>  (a number, with its unit)" in said
    assert "kept     404  (a number that tells errors apart)" in said
    assert "header: time 2026-11-21 02:17:02Z, level error" in said
    assert all(row.startswith("  ") for row in said.splitlines()[1:])
