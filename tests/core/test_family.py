from hypothesis import given
from hypothesis import strategies as st

from bot.core import family


def test_a_template_joins_the_one_that_has_a_variable_in_its_place() -> None:
    wide, narrow = "cannot open <path> for writing", "cannot open stdin for writing"
    assert family.join([wide, narrow]) == {narrow: wide}


def test_what_ends_a_word_in_a_sentence_is_no_part_of_it() -> None:
    wide, narrow = (
        "synchronized to <ip>, stratum <num>",
        "synchronized to LOCAL(<num>), stratum <num>",
    )
    assert family.join([wide, narrow]) == {narrow: wide}


def test_templates_that_differ_in_a_word_stay_apart() -> None:
    assert not family.join(["cannot open the file today", "cannot close the file today"])


def test_too_little_in_common_is_no_family() -> None:
    assert not family.join(["Connection <num>", "Connection refused"])


def test_the_types_of_placeholders_do_not_matter() -> None:
    templates = ["no route to <ip> today", "no route to <host> today"]
    assert set(family.join(templates)) | set(family.join(templates).values()) == set(templates)


@given(st.permutations(["job a of b failed", "job <id> of b failed", "job <id> of <id> failed"]))
def test_the_order_of_arrival_does_not_matter(templates: list[str]) -> None:
    assert set(family.join(templates).values()) == {"job <id> of <id> failed"}
