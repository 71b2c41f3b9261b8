"""What a failed call of Slack's Web API means, and what can be done about it.

The groups are those of Slack's documentation as of November 2026; an error in none of them counts
as a refusal of this one call.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPException

from slack_sdk.errors import SlackApiError

DEFAULT_WAIT_SECONDS = 30
FAILURES = (SlackApiError, OSError, HTTPException)
"""All that a call raises when it does not succeed: refused, lost, cut off, or timed out."""


class Kind(Enum):
    """What to do about it."""

    CHANNEL = "tell the channel's owner"
    PAYLOAD = "send it in a plainer form"
    FROZEN = "leave it as it is"
    GONE = "let it be"
    RACE = "refresh and try once"
    UNREADY = "wait until Slack has taken the picture in"
    THROTTLED = "wait as long as asked"
    AUTH = "stop sending"
    UNKNOWN = "Slack was not reached, or did not say whether it arrived"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure: its kind, Slack's own word for it, and how long to wait, where Slack says so."""

    kind: Kind
    code: str
    wait_seconds: int = DEFAULT_WAIT_SECONDS

    @property
    def remedy(self) -> str:
        """The code, and what a person can do."""
        return f"{self.code}: {REMEDIES.get(self.code, self.kind.value)}"


_KINDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.FROZEN: ("edit_window_closed", "cant_update_message"),
    Kind.GONE: ("message_not_found", "thread_not_found"),
    Kind.PAYLOAD: (
        "invalid_payload",
        "invalid_blocks",
        "invalid_blocks_format",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "view_too_large",
        "metadata_too_large",
    ),
    Kind.RACE: ("hash_conflict", "expired_trigger_id", "already_reacted"),
    Kind.THROTTLED: ("ratelimited", "rate_limited"),
    Kind.AUTH: (
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
        "not_allowed_token_type",
    ),
    Kind.UNKNOWN: ("internal_error", "fatal_error", "service_unavailable", "request_timeout"),
}
_KIND_OF = {code: kind for kind, codes in _KINDS.items() for code in codes}

REMEDIES = {
    "not_in_channel": "invite me there: /invite @triage",
    "channel_not_found": "no such channel, or a private one I am not in: copy its id (C…) from "
    "“View channel details” into the settings, or /invite @triage there",
    "is_archived": "the channel is archived; name another one in the settings",
    "restricted_action": "only some may post there; let the app, or name another channel",
    "message_not_found": "somebody deleted the message; it is not posted again",
    "thread_not_found": "somebody deleted the message it replies to",
    "missing_scope": "a scope is missing: compare with `triage manifest` and install again",
    "invalid_auth": "the token is not valid: copy it again from your app's page at Slack",
    "token_revoked": "the token was revoked: install the app again and copy the new one",
    "token_expired": "the token has expired: copy the new one from your app's page at Slack",
    "account_inactive": "the app was removed from the workspace: install it again",
    "no_such_subteam": "there is no such user group in this workspace: copy its id (S…) from the "
    "end of its address on Slack",
    "user_not_found": "there is no such person in this workspace: copy their id (U…) from their "
    "profile",
    "not_allowed_token_type": "this is another kind of token: the bot's begins with xoxb-, the "
    "app's with xapp-",
}


def read(error: BaseException) -> Trouble:
    """What a failed call means; if Slack did not answer itself, the outcome is unknown."""
    if not isinstance(error, SlackApiError):
        return Trouble(Kind.UNKNOWN, type(error).__name__)
    status = int(getattr(error.response, "status_code", 200) or 200)
    code = str(error.response.get("error") or "unknown_error")
    if status == 429:
        return Trouble(Kind.THROTTLED, "ratelimited", _wait(error))
    if status >= 500 or " " in code:
        return Trouble(Kind.UNKNOWN, f"http_{status}")
    kind = Kind.UNREADY if _is_of_a_file(error) else _KIND_OF.get(code, Kind.CHANNEL)
    return Trouble(kind, code, _wait(error))


def _is_of_a_file(error: SlackApiError) -> bool:
    """Whether blocks were refused because of a file in them: one just uploaded is there a little
    later."""
    said = error.response.get("errors") or ()
    return any("slack_file" in str(one) for one in said)


def _wait(error: SlackApiError) -> int:
    """`Retry-After` in seconds; its name may be in any case."""
    headers = getattr(error.response, "headers", None) or {}
    given = {str(name).lower(): value for name, value in headers.items()}.get("retry-after", "")
    return int(given) if str(given).isdecimal() else DEFAULT_WAIT_SECONDS
