"""Try it without an account: a simulated fleet's errors, the bot, and a Slack-like workspace.

A second wiring, not a flag: the same flows, the same Bolt app, the same poster; only Slack is the
local workspace, and the clock stands at the end of the fleet's last day.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot import app
from bot.app import Clock
from bot.flows import look
from bot.flows.detect import catch_up
from bot.flows.ingest import Account, ingest
from bot.flows.report import report_now
from bot.flows.triage import triage
from bot.settings import Channel, Http, Reminders, Settings, Slack, Step, Team
from bot.slack.manifest import SHORTCUT
from bot.sources.files import Reader
from bot.terminal import cards
from bot.workspace.server import Server, serve
from bot.workspace.state import Group
from bot.workspace.workspace import Workspace
from storage.database import Database, open_database

FLEET = Path(__file__).parent / "fleet.jsonl.xz"
END = datetime(2026, 11, 18, 23, 59, 59, tzinfo=UTC)
"""The fleet's last day is over, and its digest due."""
DAYS_JUDGED = 3
"""How many days before the end are judged hour by hour, as they would have been, live."""
ON_CALL = "C000001"
"""The first of the workspace's channels."""
GROUPS = (
    Group("S00000DEV", "dev", "Developers", ("U000ANA", "U000SOFIA")),
    Group("S0PLATFORM", "platform", "Platform", ("U000TOMAS", "U000LI")),
)
TEAMS = (
    Team(name="dev", channel="C000002", group="S00000DEV", on_call="U000ANA"),
    Team(name="platform", channel="C000003", group="S0PLATFORM", on_call="U000TOMAS"),
    Team(name="review"),
)
_QUIET = Channel(id=ON_CALL, digest=(), alerts=(), report="off")
"""It is told what people do; of the errors, the digest that is posted there tells all."""
POSTED_WITHIN_SECONDS = 60
BOT_TOKEN, APP_TOKEN = "xoxb-demo", "xapp-demo"


def run(*, once: bool, port: int) -> None:
    """Fill a database, post the digest, and show the page until Ctrl-C; `once` prints and ends."""
    with (
        TemporaryDirectory(prefix="triage-demo-") as folder,
        closing(open_database(f"sqlite:///{folder}/triage.db", durable=False)) as database,
    ):
        if once:
            fill(database)
            sys.stdout.write(cards.digest(look.today(database, now=END)))
        else:
            _show(database, starting_at(END), port=port)


def starting_at(moment: datetime) -> Clock:
    """A clock that stands at `moment` now and goes on from there."""
    started = datetime.now(UTC)
    return lambda: moment + (datetime.now(UTC) - started)


def fill(database: Database) -> Account:
    """Record the fleet's seventeen days and judge the last of them."""
    account, chosen, console = Account(), settings(), Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        _tell("Reading 54,000 errors of a simulated fleet; this takes a minute or two …")
        size = FLEET.stat().st_size
        reading = progress.add_task("Read", total=size)
        by_line = _quarters(size) if not console.is_terminal else lambda _: None

        def on_bytes(number: int) -> None:
            progress.advance(reading, number)
            by_line(number)

        reader = Reader(FLEET, lambda: END, on_bytes=on_bytes)
        ingest(database, reader, account, clock=lambda: END)
        _tell(f"Judging its last {DAYS_JUDGED} days hour by hour …")
        judging = progress.add_task("Judged", total=DAYS_JUDGED)
        for back in reversed(range(DAYS_JUDGED)):
            until = END - timedelta(days=back)
            touched = account.recorded.signature_ids
            catch_up(database, touched, until=until, rules=chosen.detection.rules)
            progress.advance(judging)
        triage(database, now=END, site_rules=chosen.owner_rules)
    return account


@contextmanager
def local_workspace(*, clock: Clock, port: int) -> Iterator[tuple[Workspace, Server]]:
    """A workspace with an on-call channel, served on this machine."""
    workspace = Workspace(
        channels=("on-call", "team-dev", "team-platform"),
        groups=GROUPS,
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        shortcuts={SHORTCUT["callback_id"]: SHORTCUT["name"]},
        clock=clock,
    )
    with serve(workspace, port=port) as server:
        yield workspace, server


def settings() -> Settings:
    """The demo's settings: one channel with a digest, one a team, and whatever else is usual."""
    return Settings(
        channels=(Channel(id=ON_CALL),),
        teams=TEAMS,
        reminders=Reminders(
            steps=(Step(after_minutes=2, whom="on-call"), Step(after_minutes=4, whom="team"))
        ),
        http=Http(port=0),
    )


@contextmanager
def posted(database: Database, clock: Clock) -> Iterator[tuple[Workspace, Server]]:
    """The digest of a filled database in a local workspace, and the bot at work there."""
    with (
        local_workspace(clock=clock, port=0) as (workspace, server),
        _at_work(database, clock, workspace, server),
    ):
        yield workspace, server


@contextmanager
def _at_work(
    database: Database, clock: Clock, workspace: Workspace, server: Server
) -> Iterator[None]:
    """The bot in a workspace, its digest posted there."""
    report_now(database, channel=ON_CALL, now=END)
    local = Slack(
        api_url=server.api_url, bot_token=SecretStr(BOT_TOKEN), app_token=SecretStr(APP_TOKEN)
    )
    quiet = settings().model_copy(update={"slack": local, "channels": (_QUIET,)})
    with app.running(quiet, database, clock=clock):
        workspace.wait_until(lambda: workspace.messages(ON_CALL), seconds=POSTED_WITHIN_SECONDS)
        yield


def _show(database: Database, clock: Clock, *, port: int) -> None:
    """Show the page, which is there first: a port that is taken is told before anything takes
    long."""
    with local_workspace(clock=clock, port=port) as (workspace, server):
        fill(database)
        _tell("Posting the digest …")
        with _at_work(database, clock, workspace, server):
            sys.stdout.write(_welcome(server.url))
            sys.stdout.flush()
            _wait()


def _tell(what: str) -> None:
    """Print to stderr, at once even if that is no terminal: what follows takes a while."""
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def _quarters(size: int) -> Callable[[int], None]:
    """A function that is told of the size of each piece read, and prints each quarter of the
    whole."""
    read, said = 0, 0

    def on_bytes(number: int) -> None:
        nonlocal read, said
        read += number
        if (now := 4 * read // size) > said:
            said = now
            _tell(f"  {25 * now} % read")

    return on_bytes


def _welcome(url: str) -> str:
    soon, later = (step.after_minutes for step in settings().reminders.steps)
    usually = " and ".join(str(step.after_minutes) for step in Reminders().steps)
    return (
        f"\n  The digest is posted in #on-call:  {url}\n\n"
        "  Try: Claim on a card · ⋯ → Mute · type /triage today, or /triage why and an id ·\n"
        "  switch who you are (“Act as”) and claim the same card. Ctrl-C ends the demo.\n\n"
        f"  The clock here goes on from {END:%d %b %Y %H:%M} UTC, the end of the fleet's last\n"
        f"  day. What is severe and nobody claims calls people after {soon} and {later} minutes, "
        f"usually {usually},\n  in the thread of the digest: its replies stand below it.\n\n"
    )


def _wait() -> None:
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    told.wait()
