"""Text from outside is shown as it was meant to be read, and is never alive."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import text
from tests.builders import NOON

HOSTILE = [
    "<!channel> build failed",
    "<!here|here> please click",
    "<@U012AB3CD> paid twice",
    "<#C012AB3CD|general> moved",
    "<!subteam^S012AB3CD> wake up",
    "<https://evil.example/login|Reset your password>",
    "*bold* _it_ ~no~ `code` ```fence\nbreak out```",
    "&lt;!channel&gt; &amp;lt;!channel&amp;gt;",
    "<!date^1392734382^Posted {date_num}|x>",
    "> quoted\n>>> the rest of the digest is now a quote",
    "\u202eevil\u202c <!chan\u200bnel>",
    "<!channel|",
    "@channel @here @everyone",
    ":rotating_light:" * 100,
    "\ud800 lone \udfff",
    "\x00\x1b[31mred\x1b[0m",
    "🔥" * 5000,
    "<" * 5000,
    "`" * 5000,
    "",
    "\n" * 500,
]
LIVE = re.compile(r"<[!@#]|<[a-z]+:|@(?:here|channel|everyone)\b|://|```|[\ud800-\udfff]")
ANY_TEXT = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300))


@given(ANY_TEXT, st.integers(min_value=8, max_value=400))
def test_no_text_becomes_alive_or_longer_than_its_room(words: str, room: int) -> None:
    for shown in (text.inline(words, room), text.code(words, room)):
        assert not LIVE.search(shown)
        assert not re.search(r"[<>\n]", shown)
        assert text.length(shown) <= room
        assert not re.search(r"&(?!amp;|lt;|gt;)", shown)


@given(ANY_TEXT)
def test_code_cannot_be_left_from_within(words: str) -> None:
    shown = text.code(words, 200)
    assert shown == "—" or (shown[0] == shown[-1] == "`" and "`" not in shown[1:-1])


def test_an_emoji_out_of_a_log_stays_a_word() -> None:
    assert text.inline(":rotating_light: fire", 100) == f":{text.JOINER}rotating_light: fire"


@given(ANY_TEXT)
def test_preformatted_text_has_at_most_ten_lines(words: str) -> None:
    shown = text.lines(words)
    assert len(shown.split("\n")) <= 10
    assert text.length(shown) <= 10 * (text.MAX_LINE + 1)


def test_a_channel_is_linked_by_its_id_and_dead_by_anything_else() -> None:
    assert text.channel("C012AB3CD") == "<#C012AB3CD>"
    assert "<" not in text.channel("<!channel>")


def test_of_a_long_stack_both_ends_are_shown_and_what_is_between_is_counted() -> None:
    shown = text.lines("\n".join(f"at line {n}" for n in range(30))).split("\n")
    assert shown[3:6] == ["at line 3", "… 21 more lines …", "at line 25"]
    assert (shown[0], shown[-1], len(shown)) == ("at line 0", "at line 29", 10)


def test_of_a_long_line_both_ends_are_left_as_a_call_ends_with_its_place() -> None:
    call = f"at com.acme.{'checkout.' * 20}Pricing.price(Pricing.java:88)"
    assert text.lines(call).startswith("at com.acme.checkout.")
    assert text.lines(call).endswith("Pricing.price(Pricing.java:88)")
    assert text.length(text.lines("🔥" * 80)) <= text.MAX_LINE


def test_of_a_text_that_is_too_long_to_be_read_both_ends_are() -> None:
    rows = text.excerpted("first\n" + "between\n" * 9_000 + "last")
    assert (rows[0], rows[-1]) == ("first", "last")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<@U012AB3CD> claimed it", "<@U012AB3CD> claimed it"),
        ("<@U012AB3CD> rerouted it to <!here>", "<@U012AB3CD> rerouted it to &lt;!here&gt;"),
        ("for <@U012AB3CD>", f"for &lt;@{text.JOINER}U012AB3CD&gt;"),
        ("<@https://x> claimed it", f"&lt;@{text.JOINER}https:{text.JOINER}//x&gt; claimed it"),
    ],
)
def test_a_sentence_mentions_people_and_nothing_else(said: str, shown: str) -> None:
    assert text.sentence(said) == shown


def test_a_person_is_named_without_waking_them() -> None:
    names = {"U012AB3CD": "Ana", "U012AB3CE": ""}
    words = "<@U012AB3CD> was faster than <@U012AB3CE>, &lt;@U012AB3CD&gt;"
    assert text.unmentioned(words, names.__getitem__) == (
        "Ana was faster than somebody, &lt;@U012AB3CD&gt;"
    )


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x|y", "https://x> <!here", ""])
def test_what_is_no_address_becomes_no_link(url: str) -> None:
    assert text.link(url, "there") == "there"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0"),
        (2.5, "2.5"),
        (214, "214"),
        (999, "999"),
        (1000, "1k"),
        (1234, "1.2k"),
        (54_321, "54k"),
        (999_999, "1M"),
        (3_400_000, "3.4M"),
        (7_000_000_000, "7G"),
    ],
)
def test_counts_are_rounded_to_what_people_take_in(number: float, said: str) -> None:
    assert text.count(number) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (4, "4 s"), (90, "1 min"), (7200, "2 h"), (200_000, "2 days")],
)
def test_a_duration_is_said_in_its_largest_unit(seconds: float, said: str) -> None:
    assert text.span(seconds) == said


def test_a_moment_in_a_sentence_of_ours_is_read_in_ones_own_time_and_no_other_is() -> None:
    said = text.told("seen <!here> 2026-11-18 12:00 UTC, not 2026-13-18 12:00 UTC", 200)
    assert said == f"seen &lt;!here&gt; {text.date(NOON)}, not 2026-13-18 12:00 UTC"
    assert text.inline("failed 2026-11-18 12:00 UTC", 200) == "failed 2026-11-18 12:00 UTC"


def test_a_date_falls_back_to_utc() -> None:
    expected = "<!date^1795003200^{date_short_pretty} {time}|2026-11-18 12:00 UTC>"
    assert text.date(NOON) == expected


@pytest.mark.parametrize(
    ("words", "short"),
    [
        ("seen <@U012AB3CD> twice", "seen …"),
        ("one and &amp; another", "one and …"),
        ("<@U1>, and whatever", "<@U1>, and…"),
    ],
)
def test_what_is_cut_has_no_torn_mention_or_entity(words: str, short: str) -> None:
    assert [text.cut(words, len(words)), text.cut(words, 12)] == [words, short]


@given(st.text(max_size=50), st.integers(min_value=1, max_value=40))
def test_clipping_counts_as_slack_does(words: str, limit: int) -> None:
    assert len(text.clip(words, limit).encode("utf-16-le", "surrogatepass")) <= 2 * limit
