from bot.core.receipt import spelled

SPIKE = {
    "observed": 412,
    "usual": 38.5,
    "usual_max": 61,
    "fires_from": 123,
    "window_hours": 24,
    "days": 14,
    "unit": "occurrences",
}


def test_a_receipt_says_what_was_counted_what_is_usual_and_from_where_it_fires() -> None:
    assert spelled(SPIKE) == (
        "Counted: 412 occurrences in 24 h. Usual in the days before (14): 38.5, at most 61. "
        "Below 123 it would not have fired."
    )


def test_it_says_how_the_threshold_came_about_and_whose_thresholds_those_are() -> None:
    said = spelled(
        {**SPIKE, "formula": "2 × the busiest usual (61)", "override": "service = batch"}
    )
    assert said.endswith(
        "fired: above 2 × the busiest usual (61) (with your thresholds for service = batch)."
    )


def test_what_earlier_rules_did_not_note_is_a_question_mark() -> None:
    assert "Below ? it would not have fired." in spelled({"observed": 3})
