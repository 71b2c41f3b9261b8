"""The trend of a signature is something to look at, and says the same in words."""

import re
from datetime import timedelta
from io import BytesIO
from urllib.request import urlopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from slack_sdk import WebClient

from bot.core.detection.threshold import Rules
from bot.core.telling.chart import Chart, Deploy, Picture
from bot.flows import decide, look
from bot.slack import limits, png
from bot.slack.blocks import picture
from bot.slack.pictures import Charts
from bot.slack.poster import PICTURE_ATTEMPTS, Poster
from bot.workspace import Fault, FaultKind, Server, Workspace
from bot.workspace.blocks import Surface, problems
from bot.workspace.state import Json
from bot.workspace.state import Message as Posted
from bot.workspace.workspace import SCOPES
from storage.database import Database
from tests.builders import NOON
from tests.fakes import Clock
from tests.slack.acceptance import OUR_OWN
from tests.slack.conftest import ANA, CHANNEL

UPDATE, UPLOAD = "chat.update", "files.getUploadURLExternal"
DRAWN, NATIVE = Charts("picture", Rules()), Charts("native", Rules())

charts = st.builds(
    Chart,
    short_id=st.just("E-7K2"),
    counts=st.lists(st.integers(0, 10**12), min_size=15, max_size=15).map(tuple),
    until=st.just(NOON),
    unheard=st.frozensets(st.integers(0, 13)),
    fires_from=st.none() | st.integers(1, 10**12),
    deploys=st.lists(
        st.builds(
            Deploy,
            version=st.text(max_size=300),
            at=st.integers(0, 400).map(lambda hours: NOON - timedelta(hours=hours)),
        ),
        max_size=6,
    ).map(tuple),
)


def drawing(database: Database, client: WebClient, clock: Clock, charts: Charts = DRAWN) -> Poster:
    return Poster(database, client, worker="test", clock=clock, charts=charts)


def drawn(poster: Poster) -> None:
    """Everything is posted, and then illustrated."""
    poster.drain()
    poster.illustrate()
    poster.drain()


def details(workspace: Workspace) -> Posted:
    parent = workspace.messages(CHANNEL)[0]
    return workspace.thread(CHANNEL, parent.ts)[0]


def image(message: Posted) -> Json | None:
    return next((block for block in message.blocks if block["type"] == "image"), None)


@settings(max_examples=15)
@given(charts)
def test_any_trend_can_be_drawn_and_is_light(chart: Chart) -> None:
    drawn = png.draw(chart)
    assert Image.open(BytesIO(drawn)).size == (png.WIDTH, png.HEIGHT)
    assert len(drawn) < 40_000


@given(charts)
def test_any_trend_is_accepted_as_a_chart_and_is_dead(chart: Chart) -> None:
    blocks = picture.native(chart)
    assert problems(blocks, Surface.MESSAGE) == []
    assert limits.check({"text": "x", "blocks": blocks}) == []
    assert "<" not in OUR_OWN.sub("", str(blocks[1]))


@given(st.text(max_size=5_000))
def test_any_words_are_accepted_as_the_alternative_of_a_picture(says: str) -> None:
    blocks = [picture.drawn(Picture("F00000001", says or "x"))]
    if blocks[0]["alt_text"]:
        assert problems(blocks, Surface.MESSAGE) == []
        assert limits.check({"text": "x", "blocks": blocks}) == []


def test_a_day_that_is_a_spike_looks_another_way_than_one_that_is_none() -> None:
    counts = (*[10] * 14, 90)
    usual, spiking = (
        Image.open(BytesIO(png.draw(Chart("E-7K2", counts, NOON, fires_from=bound)))).convert("RGB")
        for bound in (None, 50)
    )
    column, row = png.WIDTH - 50, png.HEIGHT - 80
    assert usual.getpixel((column, row)) != spiking.getpixel((column, row))


@pytest.mark.usefixtures("digest_id")
def test_the_thread_shows_the_trend_with_its_numbers_in_words(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace
) -> None:
    drawn(drawing(database, client, clock))
    shown = image(details(workspace))
    assert shown
    assert "in the 24 hours up to 2026-11-18 12:00 UTC" in shown["alt_text"]
    file = workspace.state.files[shown["slack_file"]["id"]]
    assert file.alt_text == shown["alt_text"]
    assert Image.open(BytesIO(file.content)).format == "PNG"


@pytest.mark.usefixtures("digest_id")
def test_nobody_waits_for_a_picture(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace, short_id: str
) -> None:
    """What is posted, and what is decided, is shown without one."""
    poster = drawing(database, client, clock)
    poster.drain()
    decide.claim(database, short_id, by=ANA, now=NOON)
    poster.drain()
    assert "claimed" in str(details(workspace).blocks)
    assert not workspace.calls.of(UPLOAD)


@pytest.mark.usefixtures("digest_id")
def test_a_decision_keeps_the_picture_and_uploads_none(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace, short_id: str
) -> None:
    poster = drawing(database, client, clock)
    drawn(poster)
    before = image(details(workspace))
    decide.claim(database, short_id, by=ANA, now=NOON)
    drawn(poster)
    after = image(details(workspace))
    assert before
    assert after
    assert after["slack_file"] == before["slack_file"]
    assert len(workspace.calls.of(UPLOAD)) == 1


@pytest.mark.usefixtures("digest_id")
def test_without_the_scope_only_the_picture_is_missing(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace, short_id: str
) -> None:
    workspace.scopes = SCOPES - {"files:write"}
    poster = drawing(database, client, clock)
    drawn(poster)
    decide.claim(database, short_id, by=ANA, now=NOON)
    drawn(poster)
    assert not poster.stopped
    assert "claimed" in str(details(workspace).blocks)
    assert image(details(workspace)) is None
    assert len(workspace.calls.of(UPLOAD)) == 1


@pytest.mark.usefixtures("digest_id")
def test_a_picture_that_slack_still_takes_in_comes_a_little_later(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace
) -> None:
    poster = drawing(database, client, clock)
    workspace.faults.order(Fault(kind=FaultKind.PENDING_FILE, method=UPDATE))
    drawn(poster)
    assert image(details(workspace)) is None
    clock.move(minutes=1)
    drawn(poster)
    assert image(details(workspace))
    assert len(workspace.calls.of(UPLOAD)) == 1


@pytest.mark.usefixtures("digest_id")
def test_a_picture_that_slack_never_takes_in_keeps_no_decision_from_being_seen(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace, short_id: str
) -> None:
    poster = drawing(database, client, clock)
    lost = Fault(kind=FaultKind.PENDING_FILE, method=UPDATE, times=PICTURE_ATTEMPTS)
    workspace.faults.order(lost)
    for _ in range(PICTURE_ATTEMPTS + 1):
        drawn(poster)
        clock.move(minutes=1)
    decide.claim(database, short_id, by=ANA, now=NOON)
    drawn(poster)
    assert "claimed" in str(details(workspace).blocks)
    assert image(details(workspace)) is None


@pytest.mark.usefixtures("digest_id")
def test_an_upload_that_fails_is_tried_again(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace
) -> None:
    poster = drawing(database, client, clock)
    workspace.faults.order(Fault(kind=FaultKind.SERVER_ERROR, method=UPLOAD))
    drawn(poster)
    clock.move(minutes=1)
    drawn(poster)
    assert image(details(workspace))


@pytest.mark.usefixtures("digest_id")
def test_where_slack_draws_charts_itself_none_is_uploaded(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace, server: Server
) -> None:
    drawn(drawing(database, client, clock, NATIVE))
    kinds = [block["type"] for block in details(workspace).blocks]
    assert kinds[:3] == ["section", "data_visualization", "context"]
    assert not workspace.calls.of(UPLOAD)
    thread = f"as={ANA}&channel={CHANNEL}&thread={workspace.messages(CHANNEL)[0].ts}"
    with urlopen(f"{server.url}/?{thread}") as page:
        shown = page.read().decode()
    assert re.search(r'<polyline class="line-0" points="[0-9., ]+"/>', shown)
    assert " in the 24 hours up to" in shown
    assert "data-cannot-draw" not in shown


@pytest.mark.usefixtures("digest_id")
def test_where_slack_knows_no_charts_the_details_come_without(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace
) -> None:
    refused = Fault(kind=FaultKind.ERROR, method="chat.postMessage", error="invalid_blocks")
    workspace.faults.order(Fault(kind=FaultKind.SLOW, method="chat.postMessage"), refused)
    drawn(drawing(database, client, clock, NATIVE))
    kinds = {block["type"] for block in details(workspace).blocks}
    assert "data_visualization" not in kinds
    assert "section" in kinds


def test_the_latest_picture_is_found_by_the_signature(
    database: Database, client: WebClient, clock: Clock, short_id: str, digest_id: int
) -> None:
    assert look.picture(database, short_id) is None
    drawn(drawing(database, client, clock))
    found = look.picture(database, short_id)
    assert found
    assert short_id in found.says


@pytest.mark.usefixtures("digest_id")
def test_app_home_shows_the_trend_of_what_is_first_in_my_queue(
    database: Database,
    client: WebClient,
    clock: Clock,
    live: Workspace,
    short_id: str,
) -> None:
    drawn(drawing(database, client, clock))
    decide.claim(database, short_id, by=ANA, now=NOON)
    live.open_home(ANA)
    live.wait_until(lambda: live.home(ANA))
    home = live.home(ANA)
    assert home
    kinds = [block["type"] for block in home.content["blocks"]]
    assert kinds.index("image") == kinds.index("actions") + 1


@pytest.mark.usefixtures("digest_id")
def test_a_picture_that_comes_late_is_of_when_its_message_was_wanted(
    database: Database, client: WebClient, clock: Clock, workspace: Workspace
) -> None:
    clock.move(hours=5)
    drawn(drawing(database, client, clock))
    shown = image(details(workspace))
    assert shown
    assert "up to 2026-11-18 12:00 UTC" in shown["alt_text"]
