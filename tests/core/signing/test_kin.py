from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.signing import kin
from bot.core.signing.kin import Elder, Kin, Newcomer
from tests.builders import NOON

HOUR = timedelta(hours=1)
WAY = ("db.execute", "orders.add_line", "app.post_line")


def known(*places: str, name: str = "v2:old", versions: str = "4.18", hours_ago: int = 1) -> Elder:
    return Elder(name, name, places or WAY, frozenset(versions.split()), NOON - hours_ago * HOUR)


def newcomer(*places: str, words: int = 6, versions: str = "4.19") -> Newcomer:
    return Newcomer(Kin("k", places, words), "checkout", frozenset(versions.split()), NOON)


RENAMED = ("db.run_statement", "orders.add_line", "app.post_line")


@pytest.mark.parametrize(
    ("before", "after", "words", "same"),
    [
        pytest.param(WAY, RENAMED, 1, True, id="two calls in common, a short message"),
        pytest.param(WAY, RENAMED, 0, False, id="two calls in common, but a message of no word"),
        pytest.param(("pay.charge", "app.charge"), ("pay.create", "app.charge"), 3, True, id="one"),
        pytest.param(
            ("pay.charge", "app.charge"), ("pay.create", "app.charge"), 2, False, id="bare"
        ),
        pytest.param(("lib.theme",), ("lib.parse", "lib.theme"), 3, True, id="a helper moved out"),
        pytest.param(("lib.theme",), ("lib.parseTheme",), 5, True, id="only the module is left"),
        pytest.param(("lib.theme",), ("lib.parseTheme",), 4, False, id="the module, little said"),
        pytest.param(("a.f", "b.g"), ("c.f", "d.g"), 11, False, id="nothing in common"),
        pytest.param((), ("lib.theme",), 11, False, id="no places: the message decides already"),
    ],
)
def test_what_a_release_renamed(
    before: tuple[str, ...], after: tuple[str, ...], words: int, *, same: bool
) -> None:
    old = Elder("v2:old", "v2:old", before, frozenset({"4.18"}), NOON)
    assert (kin.choose(newcomer(*after, words=words), [old]) is not None) == same


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        pytest.param("4.18", "4.19", True, id="a release"),
        pytest.param("4.19", "4.18", True, id="a roll-back"),
        pytest.param("4.17 4.18", "4.19 4.20", True, id="several releases at once"),
        pytest.param("4.18 4.19", "4.19", False, id="both fail in one version"),
        pytest.param("", "4.19", False, id="unknown before"),
        pytest.param("4.18", "", False, id="unknown now"),
    ],
)
def test_the_known_one_must_not_fail_where_the_new_one_does(
    before: str, now: str, *, same: bool
) -> None:
    found = kin.choose(newcomer(*RENAMED, versions=now), [known(versions=before)])
    assert (found is not None) == same


@pytest.mark.parametrize("versions", ["4.19", ""])
def test_a_long_message_by_the_same_way_needs_no_release(versions: str) -> None:
    assert kin.choose(newcomer(*RENAMED, words=12, versions=versions), [known(versions=versions)])


def test_by_its_module_only_what_was_alive_lately_is_known_again() -> None:
    one = newcomer("orders.save", words=11)
    assert kin.choose(one, [known("orders.store", hours_ago=20)])
    assert not kin.choose(one, [known("orders.store", hours_ago=30)])


def test_of_several_the_one_with_most_calls_in_common_is_it() -> None:
    far, near = known("db.execute", "carts.add", "app.post_line", name="far"), known(name="near")
    found = kin.choose(newcomer(*RENAMED), [far, near])
    assert found
    assert found.fingerprint == "near"


def test_between_two_as_likely_there_is_no_choice() -> None:
    assert not kin.choose(newcomer(*RENAMED), [known(name="one"), known(name="other")])


def test_two_names_of_one_error_are_no_choice() -> None:
    names = [replace(known(name=name), whole="E-7K2") for name in ("one", "other")]
    assert kin.choose(newcomer(*RENAMED), names)


def test_the_reason_names_the_release() -> None:
    found = kin.choose(newcomer(*RENAMED), [known()])
    assert found
    assert (
        found.reason == "the same exception and message, raised by other functions in checkout 4.19"
    )


PLACES = st.lists(st.sampled_from("abcdef"), max_size=3, unique=True).map(tuple)


@given(PLACES, PLACES, st.integers(0, 20))
def test_without_a_word_or_a_call_nothing_is_known_again(
    before: tuple[str, ...], after: tuple[str, ...], words: int
) -> None:
    old = Elder("v2:old", "v2:old", before, frozenset({"4.18"}), NOON)
    if kin.choose(newcomer(*after, words=words), [old]):
        assert words
        assert {*before} & {*after}
