"""Ask Slack whether it lets us do what the settings ask for."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import TriageError
from bot.slack import trouble
from bot.slack.blocks.elements import Block
from bot.slack.manifest import SCOPES

Finding = tuple[bool | None, str]
"""Whether something is as it has to be (None where it is optional), and a sentence that says so or
names the remedy."""

NEEDED = ("chat:write", "commands")
_INSTALL = "add it on your app's page “OAuth & Permissions” and install the app again"
_GRANTED = "x-oauth-scopes"
_NO_SCOPE = "missing_scope"
_WEAK = (
    "it lacks the scope connections:write: generate another one with it, on your app's page “Basic "
    "Information”"
)
_APP = re.compile(r"xapp-\d+-(A[A-Z0-9]+)-")
"""The token of an app holds the app's id."""
_COPY_BOTH = "copy both from the same app's pages"
PAGES = 50
"""Of 200 channels each."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What to check: the tokens ("" for none), what each channel is used for, in which settings
    each person and user group is named, the scopes that no setting needs, and messages that would
    be sent, by a name."""

    base_url: str
    bot_token: str = ""
    app_token: str = ""
    channels: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    needless: frozenset[str] = frozenset()
    messages: Mapping[str, Sequence[Block]] = field(default_factory=dict)


def findings(subject: Subject) -> Iterator[Finding]:
    """The findings about the tokens; by the bot's token also about its scopes, each channel, person
    and user group, and each message."""
    client = _client(subject.base_url, subject.bot_token)
    if subject.app_token:
        yield _socket(client, subject.app_token)
    if not subject.bot_token:
        return
    (ok, said), granted = _token(client)
    yield ok, said
    if ok:
        yield from _apps(client, subject.app_token)
        yield from _scopes(granted, subject.needless)
        yield from (_channel(client, *one) for one in subject.channels.items())
        for kind, named in ((_person, subject.people), (_group, subject.groups)):
            for one, named_in in named.items():
                name = f"{one} in {named_in}"
                yield from _named(name, partial(kind, client, one, name))
        yield from (_message(client, *one) for one in subject.messages.items())


def token(base_url: str, bot_token: str) -> Finding:
    """Whether Slack takes a token as the bot's."""
    return _token(_client(base_url, bot_token))[0]


def socket(base_url: str, app_token: str) -> Finding:
    """Whether Slack opens a socket for a token."""
    return _socket(_client(base_url, ""), app_token)


def lacking(base_url: str, bot_token: str) -> list[Finding]:
    """A finding for each scope that a token lacks."""
    (ok, said), granted = _token(_client(base_url, bot_token))
    found = _scopes(granted, frozenset()) if ok else iter([(ok, said)])
    return [one for one in found if not one[0]]


def joined(base_url: str, bot_token: str) -> list[tuple[str, str]]:
    """The channels that the bot is in, by name; private ones only if it has the scope for those.
    Raises TriageError where Slack does not say."""
    client = _client(base_url, bot_token)
    try:
        try:
            found = list(_joined(client, "public_channel,private_channel"))
        except SlackApiError as error:
            if trouble.read(error).code != _NO_SCOPE:
                raise
            found = list(_joined(client, "public_channel"))
    except (SlackApiError, SlackClientError, OSError) as error:
        raise TriageError(f"The channels cannot be listed: {remedy(error)}") from error
    return sorted(found, key=lambda one: one[1])


def _joined(client: WebClient, types: str) -> Iterator[tuple[str, str]]:
    cursor = ""
    for _ in range(PAGES):
        page: Any = client.conversations_list(
            types=types, exclude_archived=True, limit=200, cursor=cursor
        )
        yield from ((one["id"], one["name"]) for one in page["channels"] if one.get("is_member"))
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            break


def _client(base_url: str, bot_token: str) -> WebClient:
    return WebClient(token=bot_token, base_url=base_url, timeout=10, retry_handlers=[])


def _token(client: WebClient) -> tuple[Finding, frozenset[str] | None]:
    """Whether Slack accepts the bot's token, and its scopes, if Slack names them."""
    try:
        answer = client.auth_test()
    except (SlackApiError, SlackClientError, OSError) as error:
        return (False, f"SLACK_BOT_TOKEN: {remedy(error)}"), None
    headers = {str(name).lower(): value for name, value in (answer.headers or {}).items()}
    said = headers.get(_GRANTED)
    granted = frozenset(one.strip() for one in str(said).split(",")) if said else None
    team = answer.get("team")
    accepted = "SLACK_BOT_TOKEN: accepted" + (f", for the workspace {team}" if team else "")
    return (True, accepted), granted


def _socket(client: WebClient, app_token: str) -> Finding:
    try:
        client.apps_connections_open(app_token=app_token)
    except (SlackApiError, SlackClientError, OSError) as error:
        is_weak = isinstance(error, SlackApiError) and trouble.read(error).code == _NO_SCOPE
        return False, f"SLACK_APP_TOKEN: {_WEAK if is_weak else remedy(error)}"
    return True, "SLACK_APP_TOKEN: accepted"


def _apps(client: WebClient, app_token: str) -> Iterator[Finding]:
    """Whether both tokens belong to one app, if that can be told: otherwise clicks on what one
    posts never come over the socket of the other."""
    named = _APP.match(app_token)
    try:
        found: Any = client.bots_info(bot=client.auth_test()["bot_id"]) if named else {}
    except (SlackApiError, SlackClientError, OSError):
        return  # for want of users:read, which is said of the scopes
    bots = (found.get("bot") or {}).get("app_id")
    if named and bots and bots != named[1]:
        apps = f"SLACK_BOT_TOKEN is of the app {bots}, SLACK_APP_TOKEN of {named[1]}"
        yield False, f"tokens: {apps}, and no click would arrive: {_COPY_BOTH}"


def _scopes(granted: frozenset[str] | None, needless: frozenset[str]) -> Iterator[Finding]:
    if granted is None:
        yield None, "scopes: Slack does not say which are granted"
        return
    missing = [scope for scope in SCOPES if scope not in granted | needless]
    for scope in missing:
        if scope in NEEDED:
            yield False, f"scope {scope}: not granted, and nothing works without: {_INSTALL}"
        else:
            lost = f"not granted, so I do not {SCOPES[scope]}"
            yield None, f"scope {scope}: {lost}; for that {_INSTALL}"
    if not missing:
        yield True, f"scopes: all {len(SCOPES) - len(needless)} that are of use are granted"


def _channel(client: WebClient, channel: str, purpose: str) -> Finding:
    try:
        found = client.conversations_info(channel=channel)["channel"]
    except (SlackApiError, SlackClientError, OSError) as error:
        if isinstance(error, SlackApiError) and trouble.read(error).code == _NO_SCOPE:
            return None, f"channel {channel} ({purpose}): not looked at, for want of a scope"
        return False, f"channel {channel} ({purpose}): {remedy(error)}"
    name = f"channel #{found['name']} ({purpose})"
    if found.get("is_archived"):
        return False, f"{name}: {trouble.REMEDIES['is_archived']}"
    if not found.get("is_member"):
        return False, f"{name}: the bot is not in it; say /invite @triage there"
    return True, f"{name}: the bot is in it"


def _named(name: str, ask: Callable[[], Finding]) -> Iterator[Finding]:
    """The finding about a person or user group. None if Slack does not let us ask: that a scope is
    missing is told already."""
    try:
        yield ask()
    except SlackApiError as error:
        if trouble.read(error).code != _NO_SCOPE:
            yield False, f"{name}: {remedy(error)}"
    except (SlackClientError, OSError) as error:
        yield False, f"{name}: {remedy(error)}"


def _person(client: WebClient, user: str, name: str) -> Finding:
    found: Any = client.users_info(user=user)["user"]
    if found.get("deleted"):
        return False, f"{name}: was deactivated; name somebody else"
    return True, f"{name}: @{found.get('name', user)}"


def _group(client: WebClient, group: str, name: str) -> Finding:
    answer: Any = client.api_call("usergroups.users.list", params={"usergroup": group})
    if not answer["users"]:
        return None, f"{name}: a user group without anybody in it"
    return True, f"{name}: a user group of {len(answer['users'])}"


def _message(client: WebClient, name: str, blocks: Sequence[Block]) -> Finding:
    try:
        client.api_call("blocks.validate", json={"blocks": list(blocks)})
    except SlackApiError as error:
        if trouble.read(error).code == "unknown_method":
            return None, f"{name}: Slack does not say whether it would take it"
        said = error.response.get("errors") or [trouble.read(error).code]
        return False, f"{name}: Slack would not take it ({said[0]}); it is sent in a plainer form"
    except (SlackClientError, OSError) as error:
        return False, f"{name}: {remedy(error)}"
    return True, f"{name}: Slack would take it"


def remedy(error: Exception) -> str:
    """What a call that failed at the start complains of, and what to do about it."""
    if isinstance(error, SlackApiError):
        code = trouble.read(error).code
        return trouble.REMEDIES.get(code, f"Slack answers {code}")
    return f"Slack cannot be reached ({type(error).__name__}): check the network and SLACK_API_URL"
