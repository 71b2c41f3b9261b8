"""Ask Slack whether it lets us do what we are set up to do."""

<<<<<<< HEAD
from collections.abc import Iterator, Sequence
=======
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
>>>>>>> 0b1345d (Walk from nothing to the first post with triage setup)

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import TriageError
from bot.slack import trouble

<<<<<<< HEAD
Finding = tuple[bool, str]
"""Whether something is as it has to be, and a sentence that says so or names the remedy."""


def findings(
    *, base_url: str, bot_token: str, app_token: str, channels: Sequence[str]
) -> Iterator[Finding]:
    """One finding each for the bot token, the socket (if `app_token` is given) and each channel."""
    client = WebClient(token=bot_token, base_url=base_url, timeout=10, retry_handlers=[])
    ok, said = _call(client, "auth.test", "SLACK_BOT_TOKEN")
=======
Finding = tuple[bool | None, str]
"""Whether something is as it has to be, None where one can do without it, and a sentence that says
so or names the remedy."""

NEEDED = ("chat:write", "commands")
_INSTALL = "add it on your app's page “OAuth & Permissions” and install the app again"
_GRANTED = "x-oauth-scopes"
PAGES = 50
"""Of 200 channels each."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is set up: the tokens, what each channel is for, whom settings name, which scopes no
    setting needs, and what is going to be sent, by what it is called."""

    base_url: str
    bot_token: str
    app_token: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    people: Sequence[str] = ()
    needless: frozenset[str] = frozenset()
    messages: Mapping[str, Sequence[Block]] = field(default_factory=dict)


def findings(subject: Subject) -> Iterator[Finding]:
    """One finding each for the bot's token, its scopes, the socket (if there is an app token), each
    channel and person, and each message."""
    client = _client(subject.base_url, subject.bot_token)
    (ok, said), granted = _token(client)
>>>>>>> 0b1345d (Walk from nothing to the first post with triage setup)
    yield ok, said
    if app_token:
        yield _call(client, "apps.connections.open", "SLACK_APP_TOKEN", app_token=app_token)
    if ok:
        yield from (_channel(client, channel) for channel in channels)


<<<<<<< HEAD
def _call(client: WebClient, method: str, what: str, *, app_token: str = "") -> Finding:
=======
def token(base_url: str, bot_token: str) -> Finding:
    """Whether Slack takes a token as the bot's."""
    return _token(_client(base_url, bot_token))[0]


def socket(base_url: str, app_token: str) -> Finding:
    """Whether Slack opens a socket for a token."""
    return _socket(_client(base_url, ""), app_token)


def joined(base_url: str, bot_token: str) -> list[tuple[str, str]]:
    """The channels that the bot is in, by name. Raises TriageError where Slack does not say."""
    client, cursor = _client(base_url, bot_token), ""
    found: list[tuple[str, str]] = []
    for _ in range(PAGES):
        try:
            page: Any = client.conversations_list(
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=200,
                cursor=cursor,
            )
        except (SlackApiError, SlackClientError, OSError) as error:
            raise TriageError(f"The channels cannot be listed: {remedy(error)}") from error
        found += [(one["id"], one["name"]) for one in page["channels"] if one.get("is_member")]
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break
    return sorted(found, key=lambda one: one[1])


def _client(base_url: str, bot_token: str) -> WebClient:
    return WebClient(token=bot_token, base_url=base_url, timeout=10, retry_handlers=[])


def _token(client: WebClient) -> tuple[Finding, frozenset[str] | None]:
    """Whether the bot's token is taken, and the scopes it has, where Slack says so."""
>>>>>>> 0b1345d (Walk from nothing to the first post with triage setup)
    try:
        answer = (
            client.apps_connections_open(app_token=app_token)
            if app_token
            else client.api_call(method)
        )
    except (SlackApiError, SlackClientError, OSError) as error:
        return False, f"{what}: {remedy(error)}"
    team = answer.get("team")
    return True, f"{what}: accepted" + (f", for the workspace {team}" if team else "")


def _channel(client: WebClient, channel: str) -> Finding:
    try:
        found = client.conversations_info(channel=channel)["channel"]
    except (SlackApiError, SlackClientError, OSError) as error:
        return False, f"channel {channel}: {remedy(error)}"
    if not found.get("is_member"):
        return False, f"channel #{found['name']}: the bot is not in it; say /invite @triage there"
    return True, f"channel #{found['name']}: the bot is in it"


def remedy(error: Exception) -> str:
    """What a call that failed at the start complains of, and what to do about it."""
    if isinstance(error, SlackApiError):
        code = trouble.read(error).code
        return trouble.REMEDIES.get(code, f"Slack answers {code}")
    return f"Slack cannot be reached ({type(error).__name__}): check the network and SLACK_API_URL"
