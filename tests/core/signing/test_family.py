from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.signing import family
from bot.core.wording import english
from tests.builders import PEOPLE

WORDS = list(filter(family._may_vary, sorted(english._WORDS)))


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


def test_a_name_in_brackets_is_no_sentence() -> None:
    assert not family.join(["[Straw Man] <id>", "[Straw Man] starting", "[Straw Man] closing"])


def test_the_types_of_placeholders_do_not_matter() -> None:
    templates = ["no route to <ip> today", "no route to <host> today"]
    assert set(family.join(templates)) | set(family.join(templates).values()) == set(templates)


@given(st.permutations(["job a of b failed", "job <id> of b failed", "job <id> of <id> failed"]))
def test_the_order_of_arrival_does_not_matter(templates: list[str]) -> None:
    assert set(family.join(templates).values()) == {"job <id> of <id> failed"}


@pytest.mark.parametrize(
    "narrow",
    [
        'the cache "sessions" is gone for <num>',
        "the cache 'front door' is gone for <num>",
        "the cache '' is gone for <num>",
        "the cache (sessions) is gone for <num>",
        "the cache sessions is gone for <num>",
        "the cache LOCAL(<num>) is gone for <num>",
    ],
)
def test_a_value_may_be_quoted_or_of_several_words(narrow: str) -> None:
    quote = "(" if "(sessions)" in narrow else ""
    wide = f"the cache {quote}<id>{')' if quote else ''} is gone for <num>"
    assert family.join([wide, narrow]) == {narrow: wide}


def test_a_part_of_a_word_may_be_the_value() -> None:
    wide, narrow = (
        "imap(<email>)<id>: Error: no space left",
        "imap(j.doe)<id>: Error: no space left",
    )
    assert family.join([wide, narrow]) == {narrow: wide}


@pytest.mark.parametrize(
    "reason",
    [
        *["refused", "TIMED_OUT", "java.io.IOException", "'not allowed'", "unknown"],
        *['"bad gateway"', "5xx", "404", "sessionTimeout"],
    ],
)
def test_what_says_what_happened_is_no_value(reason: str) -> None:
    assert not family.join(["order of the shop: <id> again", f"order of the shop: {reason} again"])


@pytest.mark.parametrize(("words", "many"), [(PEOPLE, family.MANY_NAMES), (WORDS, family.MANY)])
def test_what_differs_often_in_one_place_is_a_case_of_what_nobody_wrote(
    words: list[str], many: int
) -> None:
    """Of names that are no words of the language fewer do."""
    templates = [f"mail to {word} was not sent" for word in words][:many]
    assert family.join(templates) == dict.fromkeys(templates, "mail to <*> was not sent")
    assert not family.join(templates[1:])


def test_names_with_dots_are_as_words_are_a_setting_or_a_host() -> None:
    templates = [f"nothing is known of {name}.app today" for name in PEOPLE]
    assert not family.join(templates[: family.MANY - 1])
    assert set(family.join(templates).values()) == {"nothing is known of <*> today"}


def test_who_speaks_is_no_value_though_eight_do() -> None:
    templates = [f"{name} was not sent at all" for name in PEOPLE]
    assert not family.join(templates[: family.MANY_NAMES])
    assert set(family.join(templates).values()) == {"<*> was not sent at all"}


def test_what_nobody_wrote_may_be_a_case_of_what_somebody_did() -> None:
    templates = [f"mail to {name} of shop was not sent" for name in PEOPLE]
    wide = "mail to <user> of <id> was not sent"
    assert set(family.join([wide, *templates]).values()) == {wide}


@pytest.mark.parametrize("name", ["{}Worker", "{}_job", "app::{}", "{}()"])
def test_however_many_names_in_code_there_are_they_stay_apart(name: str) -> None:
    assert not family.join([f"nothing left to do for {name.format(one)} today" for one in PEOPLE])


@pytest.mark.parametrize("kind", ["Class", "no column", "unknown relation:"])
def test_what_code_calls_one_is_no_value_however_many_there_are(kind: str) -> None:
    assert not family.join([f"{kind} '{name}' found here" for name in ("<id>", *PEOPLE)])


def test_several_places_at_once_are_no_one_place() -> None:
    assert not family.join([f"mail of {one} to {one} was not sent" for one in PEOPLE])


@given(st.permutations(PEOPLE))
def test_a_larger_set_only_joins_more(names: list[str]) -> None:
    templates = [f"mail to {name} was not sent" for name in names]
    joined = [set(family.join(templates[:count])) for count in range(len(templates) + 1)]
    assert all(before <= after for before, after in pairwise(joined))


@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=6), st.integers(0, 5))
def test_whether_it_is_a_case_of_a_known_one_is_told_as_by_joining_them(
    words: list[str], place: int
) -> None:
    narrow = " ".join([*words, "failed here"])
    wide = " ".join([*words[:place], "<id>", *words[place + 1 :], "failed here"])
    assert family.cases([narrow], ["another text", wide]) == family.join([narrow, wide])
    assert not family.cases([narrow], [narrow, "another text"])
