import pytest

from bot.core.ownership import role
from bot.core.ownership.role import Right, Roles

ROLES = Roles(decide=("S0ONCALL",), mute=("S0ONCALL", "U0LEAD"), configure=("U0LEAD",))


@pytest.mark.parametrize("right", Right)
def test_where_nobody_is_named_everybody_may(right: Right) -> None:
    assert role.refusal(Roles(), right, "U0ANA", member_of=None) == ""


@pytest.mark.parametrize(
    ("right", "person", "groups", "may"),
    [
        (Right.DECIDE, "U0ANA", {"S0ONCALL"}, True),
        (Right.DECIDE, "U0ANA", {"S0OTHER"}, False),
        (Right.DECIDE, "U0ANA", set(), False),
        (Right.MUTE, "U0LEAD", set(), True),
        (Right.CONFIGURE, "U0ANA", {"S0ONCALL"}, False),
    ],
)
def test_a_right_is_of_the_people_and_groups_that_are_named(
    right: Right, person: str, groups: set[str], *, may: bool
) -> None:
    assert (role.refusal(ROLES, right, person, member_of=groups) == "") is may


def test_while_nobody_knows_who_is_in_a_group_only_people_by_name_may() -> None:
    assert role.refusal(ROLES, Right.MUTE, "U0LEAD", member_of=None) == ""
    assert "in a minute" in role.refusal(ROLES, Right.MUTE, "U0ANA", member_of=None)
    assert (
        role.refusal(ROLES, Right.CONFIGURE, "U0ANA", member_of=None) == "That is for others here"
    )


def test_the_groups_to_ask_about_are_those_that_any_right_names() -> None:
    assert ROLES.groups == {"S0ONCALL"}
