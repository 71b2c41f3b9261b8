"""What a button or a form carries comes back as it was written, and anything else does no harm."""

from dataclasses import replace

import pytest

from bot.core.analysis import Author
from bot.slack import actions
from bot.slack.blocks import thread
from tests.slack.builders import ORIGIN, a_card


@pytest.mark.parametrize("words", ["", "[]", "nonsense", '{"id": 7}', '{"channel": "<!here>"}'])
def test_odd_metadata_names_no_channel(words: str) -> None:
    assert actions.from_metadata(words).channel == ""


def test_metadata_comes_back_as_it_was_written() -> None:
    assert actions.from_metadata(actions.metadata(ORIGIN)) == ORIGIN
    of_one = replace(ORIGIN, read=READ)
    assert actions.from_metadata(actions.metadata(of_one)) == of_one


READ = Author("claude-haiku-5-5", "analysis 1", "connection refused")


def test_whose_explanation_was_read_comes_back_with_the_opinion_of_it() -> None:
    card = a_card(analyst=READ.analyst, version=READ.version)
    read = replace(READ, row=card.analysis.row)
    values = [one["value"] for one in thread.opinions(card)["elements"]]
    assert set(map(actions.from_opinion, values)) == {(card.short_id, read)}


@pytest.mark.parametrize("value", ["E-7K2", "E-7K2|rules", "E-7K2|||", "E-7K2|a|b\0|c"])
def test_an_opinion_by_an_older_button_is_of_what_is_shown_now(value: str) -> None:
    assert actions.from_opinion(value) == ("E-7K2", None)


def test_an_opinion_fits_into_its_button_whatever_a_model_is_called() -> None:
    long = Author("m|" * 2_000, "v" * 2_000, "é" * 2_000)
    value = actions.opinion_value("E-7K2", long)
    assert len(value.encode()) < 2_000
    short_id, read = actions.from_opinion(value)
    assert (short_id, read and len(read.analyst)) == ("E-7K2", 200)


def test_a_menu_entry_comes_back_as_it_was_written() -> None:
    assert actions.from_menu(actions.menu_value(actions.MUTE, "E-7K2")) == ("mute", "E-7K2")
    assert actions.from_menu("drop E-7K2") == ("", "E-7K2")
