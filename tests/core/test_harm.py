import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.core import harm
from bot.core.rules import verdicts


@pytest.mark.parametrize("verdict", verdicts.ALL, ids=lambda verdict: verdict.name)
def test_no_wording_of_our_own_is_internal(verdict: verdicts.Verdict) -> None:
    assert not harm.is_internal(verdict.effect.customer)


@pytest.mark.parametrize(
    "wording",
    [
        "Our database is down.",
        "A TimeoutException hit db-7.",
        "Look at https://status.example.",
        "The host web1 is slow.",
        "Error in /srv/app.py.",
        "The payment_service failed.",
        "Mail ops@example.com.",
        "A NullPointer was thrown; see JIRA.",
    ],
)
def test_wording_that_names_what_is_ours_alone_is_told(wording: str) -> None:
    assert harm.is_internal(wording)


@pytest.mark.parametrize(
    "alive",
    [
        "see https://evil.example/x",
        "<https://evil.example|our status page>",
        "[our status page](https://evil.example)",
        "![x](http://evil.example/?q=1)",
        "<!channel> wake up",
        "<@U123ABC> look",
        "@here @channel @everyone",
        "www.evil.example",
        "mailto:me@evil.example",
        "javascript:alert(1)",
    ],
)
def test_links_and_mentions_are_dead(alive: str) -> None:
    said = harm.dead(alive)
    for sign in (
        "://",
        "](",
        "<!",
        "<@",
        "@h",
        "@c",
        "@e",
        "@U",
        "www.",
        "mailto:m",
        "javascript:a",
    ):
        assert sign not in said


@example("<#<#>>")
@given(
    st.lists(
        st.one_of(
            st.text(max_size=5),
            st.sampled_from(["http", "://", "<!", "<@", ">", "|", "@", "[", "](", ")", "www."]),
        )
    ).map("".join)
)
def test_nothing_is_made_alive_by_killing_something_else(raw: str) -> None:
    said = harm.dead(raw)
    assert harm.dead(said) == said
