"""Brings Slack to where the outbox wants it: each message once, in order, in its state of now."""

import logging
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.core.trace import Trace, untraced
from bot.errors import NotFound
from bot.flows.plot import plot
from bot.flows.remind import REMINDER
from bot.slack import limits, trouble
from bot.slack.blocks.elements import Rendering, unmentioned
from bot.slack.directory import Directory
from bot.slack.pictures import NO_CHARTS, Charts, Uploads
from bot.slack.rendering import Wanted, render
from bot.slack.trouble import FAILURES, Kind, Trouble
from storage import outbox
from storage.database import Database
from storage.locks import Gone, nobody
from storage.outbox import Resting
from storage.tables import Message

EVENT_TYPE = "triage_message"
LEASE_SECONDS = 120
"""Longer than the few calls from its last renewal to the end, each timed out by its client."""

LONGEST_WAIT = timedelta(minutes=5)
_DOUBLINGS = 10
"""Of a second, which is more than the longest wait; an outage makes any number of attempts."""
PATIENCE = timedelta(days=1)
MOST_ATTEMPTS_TO_RENDER = 5
PAGES_LOOKED_THROUGH = 50
"""Of 200 messages each."""
SKEW = timedelta(minutes=5)
"""By how much Slack's clock may be behind ours, where more than a page was posted since."""
TODAY = timedelta(days=1)
"""People work with a digest for as long."""

_SAID_ALOUD = ("decision", REMINDER)
"""The kinds of reply that a channel may want beside its threads, too."""

PICTURE_ATTEMPTS = 5
"""So often is looked whether Slack has taken a picture in, within half a minute."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a message stands on Slack after a call."""

    ts: str
    shown: int


class Poster:
    """Sends messages that are due. Each process needs a `worker` name of its own: its leases are
    kept under that.

    `stopped` says why nothing is sent any more (the token is refused). What keeps messages from a
    single channel is stored in the outbox, for `/triage status` and App Home. In the channels
    `aloud`, decisions and reminders are also shown outside of their threads. What workers that are
    `gone` had leased is sent without waiting for the leases to end.
    """

    def __init__(
        self,
        database: Database,
        client: WebClient,
        *,
        worker: str,
        clock: Callable[[], datetime],
        charts: Charts = NO_CHARTS,
        aloud: Collection[str] = (),
        trace: Trace = untraced,
        gone: Gone = nobody,
    ) -> None:
        self._trace = trace
        self._gone = gone
        self._aloud = aloud
        self._database = database
        self._client = client
        self._directory = Directory(client)
        self._charts = charts
        self._uploads = Uploads(client)
        self._worker = worker
        self._clock = clock
        self._lock = threading.Lock()
        self._finishing = threading.Event()
        self._no_posts: dict[str, datetime] = {}
        self._no_updates: dict[str, datetime] = {}
        self._began = clock()
        self.stopped = ""

    def drain(self) -> int:
        """Send all messages that are due, one after the other; gives back how many."""
        handled = 0
        with self._lock:
            while not (self.stopped or self._finishing.is_set()) and (message := self._lease()):
                self._handle(message)
                handled += 1
        return handled

    def look_for_twins(self) -> int:
        """Delete second copies of messages: a process that was paused may have posted one late, and
        died before it could delete it. Gives back how many messages are now known to stand once;
        the others are checked again later."""
        known = 0
        while not (self.stopped or self._finishing.is_set()) and (message := self._doubted()):
            known += self._is_certain(message)
        return known

    def illustrate(self) -> int:
        """Add a picture to each message that lacks one, the newest first; gives back how many.

        It may run beside `drain`, so that no message waits for an upload.
        """
        drawn = 0
        for message in self._unillustrated():
            if self._finishing.is_set() or self._uploads.refused:
                break
            try:
                drawn += self._illustrate(message)
            except NotFound:
                continue
            except FAILURES as failure:
                log.info("No picture for now: %s", trouble.read(failure).code)
                break
        return drawn

    def _unillustrated(self) -> list[Message]:
        """The details posted in the last day that have no picture."""
        if self._charts.mode != "picture":
            return []
        with self._database.read() as session:
            found = outbox.wanted_since(session, self._clock() - TODAY, kinds=("details",))
        return [one for one in reversed(found) if one.ts and "picture" not in one.content]

    def _illustrate(self, message: Message) -> bool:
        """Add a picture to a message, with the numbers of when the message was wanted, which it
        tells of."""
        name, rules = message.content["signature"], self._charts.rules
        chart = plot(self._database, name, now=message.created_at, rules=rules)
        picture = self._uploads.add(chart)
        if picture is None:
            return False
        with self._database.write() as session:
            content = {**message.content, "picture": asdict(picture)}
            outbox.amend(session, message.id, content=content)
        return True

    def finish(self) -> None:
        """Send nothing after the message under way; the rest is sent after the next start."""
        self._finishing.set()

    def _lease(self) -> Message | None:
        now = self._clock()
        resting = Resting(_still(self._no_posts, now), _still(self._no_updates, now))
        with self._database.read() as session:
            holders = outbox.holders(session)
            if not holders:
                return None
            gone = self._gone(session, holders - {"", self._worker})
            if not outbox.anything_due(session, now, resting=resting, gone=gone):
                return None
        with self._database.write() as session:
            return outbox.lease(
                session,
                worker=self._worker,
                now=now,
                lease_seconds=LEASE_SECONDS,
                resting=resting,
                gone=gone,
            )

    def _handle(self, message: Message) -> None:
        try:
            posted = self._update(message) if message.ts else self._post(message)
        except NotFound as gone:
            self._give_up(message, str(gone))
        except FAILURES as failure:
            self._fail(message, trouble.read(failure))
        except Exception:
            log.exception("%s cannot be rendered", _called(message))
            self._put_off(message, "cannot be rendered", most=MOST_ATTEMPTS_TO_RENDER)
        else:
            self._done(message, posted)

    def _post(self, message: Message) -> Posted:
        """Post a message, unless an earlier attempt with an unknown outcome did.

        It is posted with people's names, which wakes nobody but those it is meant to call. If it
        names any, the update that is due at once turns the names into mentions, which wakes nobody
        either. A picture comes with that update, too, so nobody waits for one.
        """
        thread_ts = self._parent_ts(message)
        found = self._find(message, thread_ts) if self._may_stand(message) else ""
        if found:
            return Posted(found, shown=message.wanted - 1)
        version = 2 * message.wanted
        named = self._render(message, version)
        called = message.content["whom"] if message.kind == REMINDER else ()
        quiet = unmentioned(named, self._directory.name, besides=called)
        metadata = {"event_type": EVENT_TYPE, "event_payload": _mark(message)}
        self._renew(message)  # whoever was paused until now finds out before Slack does
        answer = self._send(
            "chat.postMessage",
            quiet,
            channel=message.channel,
            metadata=metadata,
            **(self._below(message, thread_ts) if thread_ts else {}),
        )
        return Posted(answer["ts"], shown=message.wanted - (0 if quiet == named else 1))

    def _may_stand(self, message: Message) -> bool:
        """Whether a message may have been posted without the database knowing: one older than this
        process may, as the database may be a copy that was put back."""
        return message.attempts > 1 or message.created_at < self._began

    def _below(self, message: Message, thread_ts: str) -> dict[str, Any]:
        is_aloud = message.channel in self._aloud and message.kind in _SAID_ALOUD
        return {"thread_ts": thread_ts, **({"reply_broadcast": True} if is_aloud else {})}

    def _update(self, message: Message) -> Posted:
        shown = self._render(message, 2 * message.wanted + 1)
        self._send("chat.update", shown, channel=message.channel, ts=message.ts)
        return Posted(message.ts, shown=message.wanted)

    def _render(self, message: Message, version: int) -> Rendering:
        wanted = Wanted(
            message.content,
            version=version,
            now=self._clock(),
            link=self._directory.permalink,
            charts=self._charts,
        )
        return render(self._database, message.kind, wanted)

    def _send(self, method: str, rendering: Rendering, **arguments: Any) -> dict[str, Any]:
        """Call Slack with a rendering, in a plainer form if Slack refuses the richer one."""
        text, blocks = limits.fitting(rendering.text, rendering.blocks)
        if blocks != rendering.blocks:
            problems = limits.check({"text": rendering.text, "blocks": rendering.blocks})
            log.error("A message is sent in a plainer form: %s", "; ".join(problems[:5]))
        for form in (blocks, limits.plainer(blocks)):
            try:
                return self._call(method, text=text, blocks=form, **arguments)
            except SlackApiError as refused:
                if trouble.read(refused).kind is not Kind.PAYLOAD:
                    raise
                log.warning("%s refused a message: %s", method, trouble.read(refused).code)
        return self._call(method, text=text, blocks=[], **arguments)

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        quiet = {"unfurl_links": False, "unfurl_media": False} if "post" in method else {}
        payload = {**arguments, **quiet, "parse": "none", "link_names": False}
        with self._trace(f"slack {method}", {}):
            answer = self._client.api_call(method, json=payload).data
        return answer if isinstance(answer, dict) else {}

    def _find(self, message: Message, thread_ts: str) -> str:
        """The ts under which an earlier attempt arrived, or an empty string.

        Without the scope to read the channel that cannot be known, and the message is posted again.
        """
        try:
            return self._search(message, thread_ts)
        except SlackApiError as refused:
            found = trouble.read(refused)
            if found.kind not in (Kind.AUTH, Kind.CHANNEL):
                raise
            log.warning("Cannot look for it: %s: %s", _called(message), found.remedy)
            return ""

    def _search(self, message: Message, thread_ts: str) -> str:
        return next(self._places(message, thread_ts, lambda: self._renew(message)), "")

    def _places(
        self, message: Message, thread_ts: str, before_each: Callable[[], object]
    ) -> Iterator[str]:
        """The ts of each message that bears the mark of this one; at least one page is read, since
        after a clock was set the time of posting says little.

        In a channel the newest come first, in a thread the oldest.
        """
        asked: dict[str, Any] = {
            "channel": message.channel,
            "include_all_metadata": True,
            "limit": 200,
        }
        method = "conversations.replies" if thread_ts else "conversations.history"
        if thread_ts:
            asked["ts"] = thread_ts
        since = (message.created_at - SKEW).timestamp()
        for _ in range(PAGES_LOOKED_THROUGH):
            before_each()
            page: dict[str, Any] = dict(self._client.api_call(method, params=asked).data)  # type: ignore[arg-type]
            found = page.get("messages", [])
            yield from (str(one["ts"]) for one in found if _mark_of(one) == _mark(message))
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            is_past = not thread_ts and any(float(one["ts"]) < since for one in found)
            if is_past or not cursor:
                break
            asked["cursor"] = cursor

    def _parent_ts(self, message: Message) -> str:
        if message.thread_of is None:
            return ""
        with self._database.read() as session:
            parent = outbox.get(session, message.thread_of)
        return parent.ts if parent else ""

    def _renew(self, message: Message) -> None:
        """Extend the lease from now on. Raises TimeoutError when somebody else has it."""
        with self._database.write() as session:
            kept = outbox.renew(
                session,
                message.id,
                worker=self._worker,
                now=self._clock(),
                lease_seconds=LEASE_SECONDS,
            )
        if not kept:
            raise TimeoutError(f"The lease of message {message.key} is lost")

    def _done(self, message: Message, posted: Posted) -> None:
        is_doubted = not message.ts and message.attempts > 1
        with self._database.write() as session:
            kept = outbox.sent(
                session,
                message.id,
                worker=self._worker,
                ts=posted.ts,
                shown=posted.shown,
                doubted_until=self._after_the_lease() if is_doubted else None,
            )
            current = outbox.get(session, message.id)
        if posted.ts and not kept and current and current.ts not in ("", posted.ts):
            self._delete_own_twin(message, posted.ts)

    def _after_the_lease(self) -> datetime:
        """The moment after which whoever held the lease before posts nothing any more."""
        return self._clock() + timedelta(seconds=LEASE_SECONDS)

    def _delete_own_twin(self, message: Message, ts: str) -> None:
        try:
            self._delete_twin(message, ts)
        except FAILURES as failure:
            log.warning("The twin %s stays for now: %s", ts, trouble.read(failure).remedy)
            with self._database.write() as session:
                outbox.doubt(session, message.id, until=self._after_the_lease())

    def _doubted(self) -> Message | None:
        now = self._clock()
        with self._database.read() as session:
            if not outbox.any_doubted(session, now):
                return None
        with self._database.write() as session:
            return outbox.lease_doubted(session, now=now, until=self._after_the_lease())

    def _is_certain(self, message: Message) -> bool:
        """Whether the message now stands once, or nothing can be done about it."""
        try:
            places = list(self._places(message, self._parent_ts(message), lambda: None))
            for ts in places:
                if ts != message.ts:
                    self._delete_twin(message, ts)
        except FAILURES as failure:
            found = trouble.read(failure)
            log.warning("A twin of %s may stay: %s", _called(message), found.remedy)
            is_young = self._clock() - message.created_at < PATIENCE
            if is_young and found.kind in (Kind.THROTTLED, Kind.UNKNOWN, Kind.RACE):
                return False
        with self._database.write() as session:
            outbox.certain(session, message.id)
        return True

    def _delete_twin(self, message: Message, ts: str) -> None:
        """Delete the copy at `ts`; the other one counts. Raises FAILURES."""
        log.warning("%s was posted twice; the twin %s goes", _called(message), ts)
        self._client.chat_delete(channel=message.channel, ts=ts)

    def _fail(self, message: Message, found: Trouble) -> None:
        if found.kind is Kind.THROTTLED:
            self._rest(message, found)
        elif found.kind in (Kind.UNKNOWN, Kind.RACE):
            self._put_off(message, found.remedy)
        elif found.kind is Kind.UNREADY:
            self._await_picture(message, found)
        elif found.kind is Kind.AUTH:
            self._stop(message, found)
        elif found.kind is Kind.FROZEN:
            self._freeze(message, found)
        elif found.kind is Kind.GONE:
            self._give_up(message, found.remedy)
        else:
            self._wait_for_people(message, found)

    def _await_picture(self, message: Message, found: Trouble) -> None:
        if message.attempts >= PICTURE_ATTEMPTS:
            log.warning("%s goes without its picture: %s", _called(message), found.code)
            with self._database.write() as session:
                outbox.annotate(session, message.id, content={**message.content, "picture": None})
        self._put_off(message, found.kind.value)

    def _rest(self, message: Message, found: Trouble) -> None:
        """Post, or update, nothing more in the message's channel for as long as Slack asks; others
        go on."""
        wait = timedelta(seconds=found.wait_seconds)
        resting = self._no_updates if message.ts else self._no_posts
        resting[message.channel] = self._clock() + wait
        self._put_off(message, found.code, wait=wait)

    def _freeze(self, message: Message, found: Trouble) -> None:
        """Leave the message as it is on Slack, and tell in its thread what changed since.

        Only today's digest is posted anew, once: people work with it, while an old message that
        comes up again would look like news.
        """
        log.warning("%s stays as it is: %s", _called(message), found.code)
        now = self._clock()
        with self._database.write() as session:
            if (
                message.kind == "digest"
                and now - message.created_at < TODAY
                and outbox.is_newest(session, message)
            ):
                outbox.again(session, message.id, now=now)
        self._done(message, Posted(message.ts, shown=message.wanted))

    def _wait_for_people(self, message: Message, found: Trouble) -> None:
        """Put the message off until somebody did something, such as inviting us; after a day it is
        old news."""
        if found.kind is Kind.CHANNEL and self._clock() - message.created_at < PATIENCE:
            log.warning("%s waits for somebody: %s", _called(message), found.remedy)
            self._put_off(message, found.remedy, wait=LONGEST_WAIT)
        else:
            self._give_up(message, found.remedy)

    def _put_off(
        self, message: Message, error: str, *, wait: timedelta | None = None, most: int = 0
    ) -> None:
        if most and message.attempts >= most:
            self._give_up(message, error)
            return
        pause = wait or min(LONGEST_WAIT, timedelta(seconds=2 ** min(message.attempts, _DOUBLINGS)))
        log.info("%s is not sent: %s. Tried again in %d s", _called(message), error, pause.seconds)
        self._later(message, error, not_before=self._clock() + pause)

    def _stop(self, message: Message, found: Trouble) -> None:
        self.stopped = f"SLACK_BOT_TOKEN: {found.remedy}"
        log.error("Nothing is sent any more: %s", self.stopped)
        self._later(message, found.remedy, not_before=self._clock())

    def _later(self, message: Message, error: str, *, not_before: datetime) -> None:
        with self._database.write() as session:
            outbox.later(
                session, message.id, worker=self._worker, not_before=not_before, error=error
            )

    def _give_up(self, message: Message, error: str) -> None:
        log.error("%s is given up: %s", _called(message), error)
        now = self._clock()
        with self._database.write() as session:
            outbox.failed(session, message.id, worker=self._worker, now=now, error=error)


_CALLED = {
    "digest": "The digest",
    "rest": "The rest of a digest",
    "details": "The details of a signature",
    "alert": "An alert",
    "alerts": "The list of further alerts",
    "decision": "The line on a decision",
    "rerouted": "A signature that was rerouted",
    "notice": "A notice",
    REMINDER: "A reminder",
}
"""By the kind of message; whatever else there is was shared by somebody."""


def _called(message: Message) -> str:
    """A message in words for the log, with the key that finds it in the outbox."""
    what = _CALLED.get(message.kind, "A message that was shared")
    return f"{what} for {message.channel} ({message.key})"


def _still(resting: Mapping[str, datetime], now: datetime) -> list[str]:
    return [channel for channel, until in resting.items() if now < until]


def _mark(message: Message) -> dict[str, str]:
    """Metadata that tells the message from all others; the key alone does not, since a database
    that was put back gives the same keys to other messages."""
    return {"key": message.key, "wanted_at": message.created_at.isoformat()}


def _mark_of(message: Mapping[str, Any]) -> object:
    metadata = message.get("metadata") or {}
    return metadata.get("event_payload") if metadata.get("event_type") == EVENT_TYPE else None
