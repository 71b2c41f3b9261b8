import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.redaction import Redacted, SiteRule, redact, redactor_with
from bot.errors import SettingsError

STAFF = SiteRule("staff-number", r"EMP-\d{6}")


def test_what_a_site_names_is_hidden_beside_what_we_know() -> None:
    assert redactor_with([STAFF])("EMP-123456 from 203.0.113.7 failed") == Redacted(
        "<staff-number> from <ip> failed", ("ip", "staff-number")
    )


def test_of_a_group_named_secret_only_that_is_hidden() -> None:
    by = redactor_with([SiteRule("project", r"project (?P<secret>[A-Z][a-z]+)")])
    assert by("project Falcon is late").text == "project <project> is late"


def test_without_rules_of_a_site_ours_are_used() -> None:
    assert redactor_with([]) is redact


def test_a_placeholder_is_not_hidden_again() -> None:
    assert redactor_with([SiteRule("word", r"\w+")])("ann@corp.example.org").text == "<email>"


def test_a_rule_for_everything_hides_everything_and_settles() -> None:
    by = redactor_with([SiteRule("all", ".+")])
    assert by("peer 203.0.113.7 failed").text == "<all>"


@pytest.mark.parametrize(
    ("name", "pattern", "remedy"),
    [
        ("Staff Number", "x", "small letters"),
        ("staff", "", "1 to 1,000 characters"),
        ("staff", "x" * 1_001, "make several rules"),
        ("staff", "x(?=y)", "look-around"),
        ("staff", r"(x)\1", "back-references"),
        ("staff", "(", "correct it"),
        ("staff", "x*", "demand at least one"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_with_the_remedy(
    name: str, pattern: str, remedy: str
) -> None:
    with pytest.raises(SettingsError, match=remedy):
        SiteRule(name, pattern)


def test_a_text_that_is_no_unicode_is_searched_all_the_same() -> None:
    assert redactor_with([STAFF])("\ud800 EMP-123456").text == "\ud800 <staff-number>"


def test_no_expression_of_a_site_takes_more_than_linear_time() -> None:
    by = redactor_with([SiteRule("evil", "(a+)+b")])
    start = time.process_time()
    by("a" * 60_000)
    assert time.process_time() - start < 0.4


PATTERNS = ("EMP", "[a-z]+", r"\S+ \S+", ".", "<", ">", "secret", r"\d+", "a.*b", r"(?P<secret>x)y")


@given(
    st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(["EMP", "a", "b", " ", "xy", "<", ">", "<ip>", "password=", "7"])),
)
def test_whatever_a_site_writes_redacting_again_changes_nothing(
    patterns: list[str], parts: list[str]
) -> None:
    by = redactor_with([SiteRule(f"r{at}", pattern) for at, pattern in enumerate(patterns)])
    once = by("".join(parts)).text
    assert by(once).text == once


def test_a_site_cannot_take_from_what_our_rules_find() -> None:
    by = redactor_with([SiteRule("word", "password|token|@")])
    assert "hunter22" not in by("password=hunter22").text
