"""Walk somebody who has nothing yet from the Slack app to the first post, and to the first error.

Nothing is kept in between but the files it writes: to begin again, run it again.
"""

import os
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr

from bot.connect import connect
from bot.dialogue import Dialogue, number
from bot.errors import SettingsError
from bot.flows import look
from bot.flows.greet import greet
from bot.flows.report import report_now
from bot.settings import FILE, Settings, load, unfit_token
from bot.slack import app as slack_app
from bot.slack import checks, manifest
from bot.slack.poster import Poster
from storage.database import Database, open_database

SECRETS = Path("triage.env")
BOT, APP = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"
_GREETING = (
    "I am Triage, and this is where I post. The first digest comes at {at} {zone}; "
    "{command} help says what you can ask me until then."
)


@dataclass(frozen=True, slots=True)
class _Place:
    """The channel that was chosen, and when its digest is due."""

    id: str
    name: str
    at: str
    zone: str


def walk(
    dialogue: Dialogue, *, folder: Path, environ: Mapping[str, str], clock: Callable[[], datetime]
) -> None:
    """Go from no Slack app to a first post, and to errors that come in; or only add Slack to what a
    setup without it wrote.

    Raises TriageError where it is set up already, or cannot be.
    """
    file = folder / FILE
    rest = _behind_slack(file)
    chosen = load(environ, None if rest is None else file)
    given = _tokens(dialogue, environ, chosen.slack.api_url)
    if given:
        _await_scopes(dialogue, lambda: checks.lacking(chosen.slack.api_url, given[BOT]))
    place = _place(dialogue, base_url=chosen.slack.api_url, bot_token=given[BOT]) if given else None
    file.write_text(f"{_written(place)}{rest or ''}", encoding="utf-8")
    dialogue.say(f"Written: {file}")
    if new := {name: token for name, token in given.items() if not environ.get(name)}:
        _keep_secret(folder / SECRETS, new)
        dialogue.say(f"Written: {folder / SECRETS}, which only you can read")
    settings = load({**environ, **given}, file)
    if place:
        _first_post(dialogue, settings, place, clock=clock)
    if rest is None:
        _connect(dialogue, settings, file, clock=clock)
    has_secrets = (folder / SECRETS).exists()
    dialogue.say(_next(folder, posts=settings.slack.posts, has_secrets=has_secrets))


def _behind_slack(file: Path) -> str | None:
    """What stands in the file behind what a setup without Slack writes; None if there is no file.

    Raises SettingsError for a file that begins in another way: what people wrote stays as it is.
    """
    if not file.exists():
        return None
    before, found, rest = file.read_text(encoding="utf-8").partition(_written(None))
    if before or not found:
        raise SettingsError(
            f"{file} is there already: edit it (docs/configuration.md), then run triage doctor."
        )
    return rest


def _connect(
    dialogue: Dialogue, settings: Settings, file: Path, *, clock: Callable[[], datetime]
) -> None:
    """Choose where errors come from, and add to the files what that needs."""
    connected = connect(dialogue, settings, clock=clock)
    if connected.table:
        with file.open("a", encoding="utf-8") as out:
            out.write(connected.table)
        dialogue.say(f"Written: {file}")
    if connected.secrets:
        _keep_secret(file.parent / SECRETS, connected.secrets)


def _tokens(dialogue: Dialogue, environ: Mapping[str, str], base_url: str) -> dict[str, str]:
    """Both tokens: from the environment if it has any, else asked for once the app is made. Empty
    where somebody goes on without Slack."""
    if not (environ.get(BOT) and environ.get(APP)):
        dialogue.say(_MAKE_THE_APP.format(link=manifest.link()))
        said = dialogue.ask("Press Enter once it is installed (s: go on without Slack for now): ")
        if said.strip().lower().startswith("s"):
            return {}
    return {
        BOT: _token(dialogue, BOT, environ.get(BOT, ""), lambda one: checks.token(base_url, one)),
        APP: _token(dialogue, APP, environ.get(APP, ""), lambda one: checks.socket(base_url, one)),
    }


def _token(
    dialogue: Dialogue, name: str, given: str, check: Callable[[str], checks.Finding]
) -> str:
    """A token that Slack accepts; asked for until there is one."""
    while True:
        token = given or dialogue.ask_secret(_WHERE[name]).strip()
        ok, said = _judged(name, token, check)
        dialogue.say(said)
        if ok:
            return token
        given = ""


def _judged(name: str, token: str, check: Callable[[str], checks.Finding]) -> checks.Finding:
    """Whether a token can be used. Its prefix is checked first: Slack would accept a person's token
    in place of the bot's."""
    if not token:
        return False, f"{name}: nothing was typed"
    if wrong := unfit_token(name, SecretStr(token)):
        return False, wrong
    return check(token)


def _await_scopes(dialogue: Dialogue, lacking: Callable[[], list[checks.Finding]]) -> None:
    """Wait until Slack grants the scopes without which nothing works; others that are lacking are
    told."""
    while found := lacking():
        for _, said in found:
            dialogue.say(said)
        if all(ok is None for ok, _ in found):
            return
        dialogue.ask("Press Enter once that is done: ")


def _place(dialogue: Dialogue, *, base_url: str, bot_token: str) -> _Place:
    channel, name = _channel(dialogue, lambda: checks.joined(base_url, bot_token))
    zone = dialogue.answer("Time zone of its digest, as in Europe/Berlin", "UTC", _zone)
    at = dialogue.answer("Time of its digest, every day", "09:00", _time)
    return _Place(channel, name, at, zone)


def _channel(dialogue: Dialogue, joined: Callable[[], list[tuple[str, str]]]) -> tuple[str, str]:
    """One of the channels that the bot was invited to."""
    while not (known := joined()):
        dialogue.say("The bot is in no channel yet: say  /invite @triage  in the one to post in.")
        dialogue.ask("Press Enter once you have: ")
    if len(known) == 1:
        dialogue.say(f"It will post in #{known[0][1]}, the one channel it is in.")
        return known[0]
    dialogue.say("It is in these channels:")
    for place, (_, name) in enumerate(known, start=1):
        dialogue.say(f"  {place}  #{name}")
    chosen = dialogue.answer("Post in which of them", "1", number(len(known)))
    return known[chosen - 1]


def _zone(said: str) -> str:
    try:
        return ZoneInfo(said).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{said[:40]!r} is no time zone; an example is Europe/Berlin") from None


def _time(said: str) -> str:
    try:
        return f"{time.fromisoformat(said):%H:%M}"
    except ValueError:
        raise ValueError(f"{said[:40]!r} is no time of day; an example is 09:00") from None


def _written(place: _Place | None) -> str:
    begun = "# Written by triage setup; docs/configuration.md says what else there is.\n\n"
    if place is None:
        return (
            f"{begun}[slack]\n"
            "# To add Slack, run triage setup again in this folder.\n"
            'mode = "off"\n'
        )
    return (
        f"{begun}[[channels]]\n"
        f'id = "{place.id}"\n'
        f'digest = ["{place.at}"]\n'
        f'timezone = "{place.zone}"\n'
    )


def _keep_secret(file: Path, tokens: Mapping[str, str]) -> None:
    """Add tokens to a file, in place of those with the same names. Only its owner may read it, from
    its first byte on."""
    there = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    others = [line for line in there if line.partition("=")[0] not in tokens]
    new = [f"{name}={shlex.quote(token)}" for name, token in tokens.items()]
    lines = "".join(f"{line}\n" for line in (*others, *new))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        os.fchmod(descriptor, 0o600)
        opened.write(lines)


def _first_post(
    dialogue: Dialogue, settings: Settings, place: _Place, *, clock: Callable[[], datetime]
) -> None:
    """Post a digest of the last day if any errors are known, else a greeting."""
    if not dialogue.agrees(f"Post a first message in #{place.name} now?"):
        return
    with closing(open_database(settings.database_url)) as database:
        for line in _posted(database, settings, place, clock=clock):
            dialogue.say(line)


def _posted(
    database: Database, settings: Settings, place: _Place, *, clock: Callable[[], datetime]
) -> Iterator[str]:
    now = clock()
    if look.today(database, now=now).footer.signatures:
        report_now(database, channel=place.id, now=now)
        yield "A digest of the last 24 hours:"
    else:
        words = _GREETING.format(at=place.at, zone=place.zone, command=settings.slack.command)
        greet(database, channel=place.id, words=words, now=now)
    slack = settings.slack
    client = slack_app.web_client(slack.bot_token.get_secret_value(), base_url=slack.api_url)
    Poster(database, client, worker=token_hex(4), clock=clock).drain()
    left = look.backlog(database, now=now)
    if left.waiting or left.failed:
        yield f"It is not posted yet: {', '.join(left.reasons.values())}"
        yield "Once that is mended `triage serve` posts it; `triage doctor` says what else is."
    else:
        yield f"Posted in #{place.name}."


def _next(folder: Path, *, posts: bool, has_secrets: bool) -> str:
    file = shlex.quote(str((folder / SECRETS).absolute()))
    secrets = f"  set -a; . {file}; set +a\n" if has_secrets else ""
    serves = "digests on schedule, commands, buttons" if posts else "takes errors in, judges them"
    return (
        "\nFrom now on, in this folder:\n"
        f"{secrets}"
        "  triage ingest app.log.gz      # two weeks of old logs: they say what is usual\n"
        "  triage doctor                 # is everything as it has to be?\n"
        f"  triage serve                  # {serves}\n"
        + ("" if posts else "  triage digest --dry-run       # what it would say now\n")
    )


_MAKE_THE_APP = """\
1. Make the Slack app. Open this, choose your workspace, then Create and Install:

{link}

2. Copy its two tokens from the app's pages:
   - “OAuth & Permissions”: the Bot User OAuth Token, xoxb-…
   - “Basic Information” → App-Level Tokens: generate one with connections:write, xapp-…
"""
_WHERE = {
    BOT: "Bot User OAuth Token (xoxb-…): ",
    APP: "App-Level Token (xapp-…): ",
}
