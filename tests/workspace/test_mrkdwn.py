"""What a text becomes on the page; above all, what it cannot become."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.workspace.mrkdwn import Names, date, html
from tests.builders import NOON

NAMES = Names(people={"U1": "Ana"}, groups={"S1": "platform"}, channels={"C1": "on-call"}, now=NOON)

DRAWN = {
    "*bold* _it_ ~gone~": "<strong>bold</strong> <em>it</em> <s>gone</s>",
    "2*3*4 snake_case_name": "2*3*4 snake_case_name",
    "`*code*`": "<code>*code*</code>",
    "a\nb": "a<br>b",
    "> said\nmore": "<blockquote>said</blockquote>more",
    "```\nx *y*\n```": "<pre>x *y*</pre>",
    "&lt;b&gt; &amp;amp;": "&lt;b&gt; &amp;amp;",
    "<@U1>": '<span class="mention" data-mention="U1">@Ana</span>',
    "<#C1>": '<span class="mention" data-mention="C1">#on-call</span>',
    "<!subteam^S1>": '<span class="mention" data-mention="S1">@platform</span>',
    "<!here>": '<span class="mention" data-mention="here">@here</span>',
    ":bug:": '<span class="emoji" role="img" aria-label="bug">🐛</span>',
    ":no_such_thing:": ":no_such_thing:",
    "<javascript:alert(1)|x>": "&lt;javascript:alert(1)|x&gt;",
    "<script>alert(1)</script>": "&lt;script&gt;alert(1)&lt;/script&gt;",
}


@pytest.mark.parametrize(("text", "drawn"), DRAWN.items())
def test_a_text_is_drawn_as_slack_draws_it(text: str, drawn: str) -> None:
    assert html(text, NAMES) == drawn


def test_a_link_opens_elsewhere_and_tells_nothing() -> None:
    assert html("<https://e.com/?a=1&amp;b=2|see>", NAMES) == (
        '<a href="https://e.com/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">see</a>'
    )


def test_a_bare_address_becomes_a_link_as_on_slack() -> None:
    assert '<a href="https://e.com"' in html("see https://e.com now", NAMES)


def test_a_date_is_spelled_with_its_fallback_at_hand() -> None:
    drawn = html("<!date^1795003200^{date_short} at {time}|2026-11-18>", NAMES)
    assert drawn == (
        '<time datetime="2026-11-18T12:00:00+00:00" title="2026-11-18">Nov 18 at 12:00</time>'
    )


@pytest.mark.parametrize(
    ("before", "told"),
    [
        (timedelta(0), "today 12:00, just now"),
        (timedelta(minutes=1), "today 11:59, 1 minute ago"),
        (timedelta(hours=13), "yesterday 23:00, 13 hours ago"),
        (timedelta(days=9), "Nov 9 12:00, 9 days ago"),
        (timedelta(days=200), "May 2, 2026 12:00, 200 days ago"),
        (-timedelta(hours=15), "tomorrow 03:00, in 15 hours"),
    ],
)
def test_a_date_is_told_from_now(before: timedelta, told: str) -> None:
    at = int((NOON - before).timestamp())
    assert date(at, "{date_short_pretty} {time}, {ago}", now=NOON) == told


@pytest.mark.parametrize("text", ["<!date^99999999999999^{date}|soon>", "<!date^x^{date}|soon>"])
def test_a_date_that_is_none_shows_its_fallback(text: str) -> None:
    assert html(text, NAMES) == "soon"


HOSTILE = st.text(
    alphabet=st.sampled_from("<>&\"'`*_~|:!@#^/\\ \n\ue000\ue001aU10javscriptonerror=")
)


@given(HOSTILE)
def test_no_text_opens_a_tag_of_its_own(text: str) -> None:
    drawn = html(text, NAMES)
    for ours in ("strong", "em", "s", "code", "pre", "blockquote", "br", "span", "a", "time"):
        drawn = drawn.replace(f"</{ours}>", "").replace(f"<{ours}>", "")
    opened = {piece.split(" ")[0].split(">")[0] for piece in str(drawn).split("<")[1:]}
    assert opened <= {"span", "a", "time"}


@given(HOSTILE)
def test_no_text_links_to_a_script(text: str) -> None:
    assert 'href="javascript' not in html(f"<javascript:{text}> <{text}|{text}>", NAMES).lower()
