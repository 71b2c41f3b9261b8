"""A fortnight to look at says the same to whoever cannot see it."""

from datetime import timedelta

from bot.core.telling.chart import Chart, Deploy, said
from tests.builders import NOON

DAY = timedelta(days=1)


def a_chart(*counts: int, **facts: object) -> Chart:
    return Chart("E-7K2", counts, NOON, **facts)  # type: ignore[arg-type]


def test_the_words_have_every_number_of_the_picture() -> None:
    chart = a_chart(35, 1_200, 255, fires_from=209, deploys=(Deploy("4.19.0", NOON - DAY),))
    assert said(chart) == (
        "E-7K2 a day: from 16 Nov on 35, 1,200, then 255 in the 24 hours up to "
        "2026-11-18 12:00 UTC. "
        "A day is a spike from 209 on. Deployed: 4.19.0 on 17 Nov."
    )


def test_a_day_nobody_listened_is_no_day_without_errors() -> None:
    chart = a_chart(0, 0, 7, 0, 9, unheard=frozenset({0, 1, 3}), fires_from=20)
    assert "from 16 Nov on 7, no data, then 9 " in said(chart)


def test_what_would_be_a_spike_is_not_made_up() -> None:
    assert "Too little is known to say what would be a spike." in said(a_chart(0, 3))


def test_a_day_is_named_by_the_date_it_ends_on() -> None:
    assert [f"{day:%d %b}" for day in a_chart(1, 2).days] == ["17 Nov", "18 Nov"]
    midnight = Chart("E-7K2", (1, 2), NOON + timedelta(hours=12))
    assert [f"{day:%d %b}" for day in midnight.days] == ["17 Nov", "18 Nov"]


def test_a_deploy_stands_where_it_happened_and_the_latest_are_named() -> None:
    deploys = tuple(Deploy(f"v{number}", NOON - number * DAY / 2) for number in range(6, -1, -1))
    chart = a_chart(1, 2, deploys=(*deploys,))
    assert [(at, one.version) for at, one in chart.marked] == [
        (0.5, "v3"),
        (1.0, "v2"),
        (1.5, "v1"),
        (2.0, "v0"),
    ]
