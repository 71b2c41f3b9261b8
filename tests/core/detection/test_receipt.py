from bot.core.detection.receipt import CUSTOMERS_KEPT, Receipt, spelled

SPIKE = {
    "observed": 412,
    "usual": 38.5,
    "fires_from": 1_123_456,
    "unit": "occurrences",
    "window_hours": 2,
}


def test_a_receipt_says_below_which_count_it_would_not_have_fired() -> None:
    assert spelled(SPIKE) == "Below 1,123,456 occurrences in 2 h it would not have fired."


def test_where_one_is_enough_no_count_is_given() -> None:
    assert spelled({**SPIKE, "fires_from": 1}) == "Seeing it once is enough."


def test_it_says_how_the_threshold_came_about_and_whose_thresholds_those_are() -> None:
    said = spelled(
        {**SPIKE, "formula": "2 × the busiest usual (61)", "override": "service = batch"}
    )
    assert said.endswith(
        "fired: above 2 × the busiest usual (61) (with your thresholds for service = batch)."
    )


def test_what_earlier_rules_did_not_note_is_a_question_mark() -> None:
    assert "Below ? it would not have fired." in spelled({"observed": 3})


def test_of_many_customers_the_most_hit_are_kept_and_how_many_they_were() -> None:
    hit = {f"customer-{number}": 20_000 - number for number in range(20_000)}
    numbers = Receipt(
        observed=1,
        usual=0,
        usual_max=0,
        fires_from=1,
        window_hours=24,
        days=14,
        unit="customers",
        since="",
        customers=hit,
        new_customers=tuple(hit)[:9_000],
    ).as_json()
    assert list(numbers["customers"]) == list(hit)[:CUSTOMERS_KEPT]
    assert list(numbers["new_customers"]) == list(hit)[:CUSTOMERS_KEPT]
    assert (numbers["customers_in_all"], numbers["new_customers_in_all"]) == (20_000, 9_000)
