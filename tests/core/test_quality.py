from datetime import timedelta

from bot.core import quality
from bot.core.analysis import Category
from bot.core.quality import Opinion, Routed, Week
from tests.builders import NOON


def a_week(*routed: Routed, opinions: tuple[Opinion, ...] = ()) -> Week:
    return Week(NOON - timedelta(days=7), NOON, routed, opinions)


def a_routed(name: str, *, moved_to: str = "", category: Category = Category.DATABASE) -> Routed:
    return Routed(name, category, "database timeout", "platform", moved_to)


def test_the_week_says_how_many_owners_were_kept_in_all_and_by_category() -> None:
    week = a_week(
        a_routed("E-1"),
        a_routed("E-2"),
        a_routed("E-3", moved_to="dev"),
        a_routed("E-4", category=Category.NETWORK),
    )
    assert quality.lines(week)[:3] == [
        "2026-11-11 to 2026-11-18: 3 owners kept, 1 rerouted (75 % right)",
        "Network: 1 owner kept, 0 rerouted (100 % right)",
        "Database: 2 owners kept, 1 rerouted (66 % right)",
    ]


def test_the_rule_to_mend_is_named_with_whose_the_errors_were() -> None:
    week = a_week(a_routed("E-1", moved_to="dev"), a_routed("E-2", moved_to="dev"))
    assert (
        "To mend: the rule “database timeout” gave platform what was dev's, 2 times: E-1, E-2"
        in quality.lines(week)
    )


def test_wrong_explanations_are_named_with_what_people_said() -> None:
    opinions = (
        Opinion("E-1", "the prompt analysis 1 with some-model", helps=False, reason="wrong host"),
        Opinion("E-2", "the rule “timeout”", helps=True),
    )
    said = quality.lines(a_week(opinions=opinions))
    assert said[0].endswith("nobody acted on anything")
    assert "Explanations: 1 helped, 1 were wrong" in said
    assert said[-1] == (
        "To mend: the prompt analysis 1 with some-model explained wrongly, once (wrong host): E-1"
    )


def test_a_long_list_is_cut_and_says_so() -> None:
    week = a_week(*(a_routed(f"E-{n}", moved_to="dev") for n in range(9)))
    assert quality.lines(week)[-1].endswith("E-0, E-1, E-2, E-3, E-4 and 4 more")
