"""One request of a person, and the one way in which it is carried out and answered.

It is handed to a crew: no click waits for another. A request that changes something is acknowledged
once it is stored in the inbox, a form once it is carried out, and anything else at once.
"""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from secrets import token_hex
from threading import Event
from typing import Any

from slack_bolt import Ack, BoltContext, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.core.ownership import role
from bot.errors import Denied, Overtaken, Refused, TriageError
from bot.flows import decide, lift, look
from bot.flows.switch import standing
from bot.slack import actions, limits, rights, trouble
from bot.slack.actions import Origin
from bot.slack.blocks import answer, home
from bot.slack.blocks.elements import Block, Rendering
from bot.slack.desk import Desk
from bot.slack.rights import Claim
from bot.slack.text import clean
from bot.slack.trouble import FAILURES, Kind
from storage import failures

_CODE = re.compile(r"[a-z]+(?:_[a-z]+)+")
"""Slack's own word for what is wrong, whether it comes in JSON or alone."""
_FOREIGN = (
    "You are of another workspace than I am. Only people of mine can ask me or decide here: tell "
    "one of them what you know."
)
_BUSY = "Too much is asked of me at this moment, and this was not done. Try again in a minute."
_TO_KEEP = 0.25
"""A form that is closed before its decision is made gets this share of the decision's time, to be
kept."""
_CLOSED = "triage_closed"
"""Marks a kept form that was closed, so that nobody waits for it; Slack sends no such name."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, a click or a form, as it came from Slack."""

    desk: Desk
    body: Mapping[str, Any]
    client: WebClient
    respond: Respond
    context: BoltContext

    @property
    def user(self) -> str:
        """The id of the person who asks."""
        user = self.body.get("event", self.body).get("user")
        return str(user["id"] if isinstance(user, dict) else user or self.body.get("user_id", ""))

    @property
    def is_foreign(self) -> bool:
        """Whether a person of another workspace asks, in a channel shared with it.

        Our workspace is the one where the app is installed, as Bolt finds it. What Slack calls the
        team of an event is that of whoever shared the channel, and of a form that of whoever opened
        it.
        """
        user = self.body.get("user")
        theirs = user.get("team_id") if isinstance(user, dict) else self.event.get("user_team")
        ours = self.context.team_id
        return bool(theirs and ours) and theirs not in (ours, self.context.enterprise_id)

    @property
    def action(self) -> Mapping[str, Any]:
        """The element that was clicked."""
        found: Mapping[str, Any] = self.body["actions"][0]
        return found

    @property
    def value(self) -> str:
        """The value of the button, or of the chosen menu entry."""
        option = self.action.get("selected_option") or {}
        return clean(str(self.action.get("value") or option.get("value") or ""))[:200]

    @property
    def key(self) -> str:
        """An id that is the same for every delivery of a click: Bolt does not drop duplicates."""
        if "actions" in self.body:
            return f"{self.user}:{self.action['action_ts']}:{self.action['action_id']}"
        if "view" in self.body:
            return f"{self.user}:{self.body['view']['id']}"
        if self.event:
            return f"{self.user}:{self.body['event_id']}"
        return f"{self.user}:{self.body['trigger_id']}"

    @property
    def event(self) -> Mapping[str, Any]:
        """The event, where nobody clicked or typed a command."""
        found: Mapping[str, Any] = self.body.get("event") or {}
        return found

    @property
    def thread(self) -> str:
        """The thread in which we were mentioned, if it was one."""
        return str(self.event.get("thread_ts") or "")

    @property
    def channel(self) -> str:
        """The channel it was asked in; empty in App Home."""
        if self.event:
            return str(self.event.get("channel") or "")
        return str((self.body.get("channel") or {}).get("id") or self.body.get("channel_id") or "")

    @property
    def is_closed(self) -> bool:
        """Whether it is a form that was closed before it was carried out."""
        return bool(self.body.get(_CLOSED))

    @property
    def origin(self) -> Origin:
        """What a submitted form carried along."""
        return actions.from_metadata(str(self.body["view"].get("private_metadata", "")))

    def answer(self, rendering: Rendering, *, replace: bool = False) -> None:
        """Answer only the person who asked, in the order in which they asked.

        `replace` puts the answer in the place of our message. What Slack refuses is sent in a
        plainer form, and at last shown in App Home.
        """
        tell = partial(self._say, rendering, replace=replace)
        self.desk.tell.follow_up(self.desk.rush.after(tell), lines=[self.user])

    def _say(self, rendering: Rendering, *, replace: bool) -> None:
        if not (self._is_reached() and self._tell(rendering, replace=replace)):
            self.publish_home(rendering)

    def _is_reached(self) -> bool:
        """Whether there is a way to answer beside App Home."""
        return bool(self.body.get("response_url") or self._answer_in())

    def _tell(self, rendering: Rendering, *, replace: bool) -> bool:
        """Send the answer; whether it reached the person in one of its forms."""
        text, blocks = limits.fitting(rendering.text, rendering.blocks)
        for form in (blocks, limits.plainer(blocks), []):
            try:
                self._send(text, form, replace=replace)
            except FAILURES as failure:
                found = trouble.read(failure)
                log.warning("An answer was refused: %s", found.code)
                if found.kind is not Kind.PAYLOAD:
                    return False
            else:
                return True
        return False

    def _send(self, text: str, blocks: Sequence[Block], *, replace: bool) -> None:
        """Raises FAILURES, also for what a response_url refuses: Bolt does not."""
        if not self.body.get("response_url"):
            self.client.chat_postEphemeral(
                channel=self._answer_in(),
                user=self.user,
                text=text,
                blocks=blocks,
                thread_ts=self.thread or None,
            )
            return
        answered = self.respond(
            text, blocks=blocks, response_type="ephemeral", replace_original=replace
        )
        if answered.status_code != HTTPStatus.OK:
            code = _CODE.search(answered.body[:200])
            told = code[0] if code else f"http_{answered.status_code}"
            raise SlackApiError("refused", {"error": told})  # type: ignore[no-untyped-call]

    def publish_home(self, notice: Rendering | None = None) -> None:
        """Publish the person's App Home: their queue, below a notice of what just happened."""
        database, now = self.desk.database, self.desk.clock()
        handed = look.handover(database, now=now)
        queue = home.Queue(
            mine=look.mine(database, self.user, now=now),
            unclaimed=handed.unclaimed,
            teams=self.desk.teams_of(self.user),
            mutes=handed.muted,
            wide=look.wide_mutes(database),
        )
        first = [*queue.mine, *queue.unclaimed][: home.MOST_TRENDS]
        view = home.view(
            queue,
            look.today(database, now=now),
            now=now,
            backlog=look.backlog(database, now=now),
            digests_until=look.posted_until(database, now=now),
            notice=answer.unshared(notice.blocks) if notice else (),
            flags=standing(database),
            trends={
                card.short_id: self.desk.charts.blocks(database, card.short_id, now=now)
                for card in first
            },
        )
        self.client.views_publish(user_id=self.user, view=limits.fitting_view(view))

    def _answer_in(self) -> str:
        if self.event.get("type") == "app_mention":
            return self.channel
        return self.origin.channel if self.body.get("type") == "view_submission" else ""


Handle = Callable[[Asked], None]
Submit = Callable[[Asked], Rendering]
"""Carries a form out and gives back what to tell the person; raises Wrong or a TriageError."""


class Wrong(Exception):
    """What is wrong with a form, by field."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = {field: error[:300] for field, error in errors.items()}


def acknowledged(desk: Desk, handle: Handle) -> Callable[..., None]:
    """A listener that hands a request on and acknowledges it: one that changes something once it is
    on the disk, or that takes longer than Slack would wait; any other at once.

    Where there is no room for it, the person is told; if not even for that, Slack tells them, since
    nothing acknowledged it. No exception escapes, as it would keep the acknowledgement from Slack.
    """

    def listener(
        ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond, context: BoltContext
    ) -> None:
        asked = Asked(desk, body, client, respond, context)
        kept = _kept(asked)

        def work() -> None:
            _handled(asked, handle)
            if kept:
                desk.inbox.forget(asked.key)

        if _handed_on(asked, work):
            if kept:
                kept.wait(desk.commit_seconds)
            ack()
            return
        if kept:
            desk.inbox.forget(asked.key)
        if "command" in body:
            ack(text=_BUSY, response_type="ephemeral")
        elif desk.tell.take(partial(asked.answer, answer.refusal(_BUSY))):
            ack()

    return listener


def _kept(asked: Asked) -> Event | None:
    """An event that is set once a request that changes something is on the disk; None for other
    requests."""
    if not rights.changes(asked.body):
        return None
    try:
        return asked.desk.inbox.keep(asked.key, asked.body)
    except KeyError:
        log.info("Nothing tells it from others like it: it is not kept")
        return None


def _handed_on(asked: Asked, work: Callable[[], object], *, is_awaited: bool = False) -> bool:
    """Queue the work of a request; False where there is no room.

    A decision comes after all earlier ones on the same signature, whoever made them, and a person's
    requests come one after the other. A form is opened before anything else. Work for which an
    acknowledgement waits (`is_awaited`), as for a form that is sent, is put off for no other.
    """
    desk, claim = asked.desk, rights.claimed(asked.body)
    if rights.opens_a_form(asked.body):
        return desk.tell.take(work, first=True)
    if desk.tell.is_full:
        return False
    named = [rights.canonical(claim.short_id)] if claim and claim.short_id else []
    put_off = work if is_awaited else desk.rush.after(work)
    return desk.work.take(put_off, lines=[asked.user, *named])


def _handled(asked: Asked, handle: Handle) -> None:
    try:
        _admit(asked)
        handle(asked)
    except Denied as denied:
        asked.answer(answer.denied(str(denied), denied.whom))
    except Overtaken as overtaken:
        asked.answer(answer.overtaken(overtaken.sentence))
    except TriageError as refusal:
        asked.answer(answer.refusal(str(refusal)))
    except Exception as error:
        error_id = token_hex(4)
        log.exception("Error %s while handling %s", error_id, asked.body.get("type", "a command"))
        asked.answer(_failure(error, error_id, command=asked.desk.command))


def _failure(error: Exception, error_id: str, *, command: str) -> Rendering:
    if isinstance(error, failures.FAILURES):
        return answer.without_database(error_id)
    return answer.failure(error_id, command=command)


def submitted(desk: Desk, submit: Submit, *, field: str) -> Callable[..., None]:
    """A listener for a form, which stays open with its input if something is wrong with it.

    What is wrong with the whole is shown beside `field`. A form that takes longer than a person
    should wait is closed once it is on the disk with its input, and answered later, with that input
    if it came to nothing. A form that an earlier process closed in this way comes here again.
    """

    def listener(
        ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond, context: BoltContext
    ) -> None:
        asked = Asked(desk, body, client, respond, context)
        done: Future[Rendering | Wrong] = Future()

        def work() -> None:
            done.set_result(_carried_out(asked, submit, field))

        if not _handed_on(asked, work, is_awaited=True):
            done.set_result(Wrong({field: _BUSY}))
        try:
            outcome = done.result(timeout=0 if asked.is_closed else desk.commit_seconds)
        except TimeoutError:
            kept = desk.inbox.keep(asked.key, {**body, _CLOSED: True})
            kept.wait(desk.commit_seconds * _TO_KEEP)
            ack()
            done.add_done_callback(lambda late: _told_late(asked, late.result()))
            return
        if isinstance(outcome, Wrong) and not asked.is_closed:
            ack(response_action="errors", errors=outcome.errors)
        else:
            ack()
            (_told_late if asked.is_closed else _told)(asked, outcome)

    return listener


def _told_late(asked: Asked, outcome: Rendering | Wrong) -> None:
    _told(asked, outcome)
    asked.desk.inbox.forget(asked.key)


def _told(asked: Asked, outcome: Rendering | Wrong) -> None:
    if isinstance(outcome, Wrong):
        outcome = answer.unsaved(outcome.errors.values(), entered(asked.body["view"]).values())
    asked.answer(outcome)


def _carried_out(asked: Asked, submit: Submit, field: str) -> Rendering | Wrong:
    try:
        _admit(asked)
        return submit(asked)
    except Wrong as wrong:
        return wrong
    except TriageError as refusal:
        return Wrong({field: str(refusal)})
    except Exception:
        error_id = token_hex(4)
        log.exception("Error %s while handling a form", error_id)
        return Wrong({field: f"Something went wrong here (error {error_id}). Try again."})


def entered(view: Mapping[str, Any]) -> dict[str, str]:
    """The values of a form's fields, without empty ones."""
    values = (view.get("state") or {}).get("values") or {}
    found = {}
    for name, fields in values.items():
        one = fields.get(name) or {}
        said = one.get("value") or (one.get("selected_option") or {}).get("value")
        if words := clean(str(said or "")).strip():
            found[name] = words
    return found


def _admit(asked: Asked) -> None:
    """Raises Refused for people of another workspace, in a channel shared with it, and Denied for
    those who lack the right; the audit trail tells of either."""
    claim = rights.claimed(asked.body)
    if asked.is_foreign:
        _record(asked, claim or rights.mentioned(asked.event))
        raise Refused(_FOREIGN)
    if claim:
        allow(asked, claim)


def allow(asked: Asked, claim: Claim) -> None:
    """Raises Denied for those who lack the right, of which the audit trail then tells."""
    desk, person = asked.desk, asked.user
    why = role.refusal(desk.roles, claim.right, person, member_of=desk.groups_of(person))
    if why:
        _record(asked, claim)
        raise Denied(f"You may not {claim.verb}. {why}.", whom=desk.roles.whom(claim.right))


def _record(asked: Asked, claim: Claim | None) -> None:
    if claim is None:
        return
    log.info("%s was denied to %s", claim.verb, asked.user)
    desk, about, key = asked.desk, _about(asked.desk, claim), f"{asked.key}:denied"
    now = desk.clock()
    if not decide.deny(desk.database, about, verb=claim.verb, by=asked.user, now=now, key=key):
        log.info("It was about no signature")


def _about(desk: Desk, claim: Claim) -> str:
    """The short id of the signature whose trail a claim belongs to."""
    number = actions.number(claim.short_id) if claim.action in actions.BY_MUTE else None
    return claim.short_id if number is None else lift.begun_on(desk.database, number)
