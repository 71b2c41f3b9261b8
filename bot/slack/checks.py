"""Ask Slack whether it lets us do what we are set up to do."""

from collections.abc import Iterator, Sequence

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack import trouble

Finding = tuple[bool, str]
"""Whether something is as it has to be, and a sentence that says so or names the remedy."""


def findings(
    *, base_url: str, bot_token: str, app_token: str, channels: Sequence[str]
) -> Iterator[Finding]:
    """One finding each for the bot token, the socket (if `app_token` is given) and each channel."""
    client = WebClient(token=bot_token, base_url=base_url, timeout=10, retry_handlers=[])
    ok, said = _call(client, "auth.test", "SLACK_BOT_TOKEN")
    yield ok, said
    if app_token:
        yield _call(client, "apps.connections.open", "SLACK_APP_TOKEN", app_token=app_token)
    if ok:
        yield from (_channel(client, channel) for channel in channels)


def _call(client: WebClient, method: str, what: str, *, app_token: str = "") -> Finding:
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
