"""What Slack has to grant us before anything works; asked for from the start, until we have it."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk.errors import SlackClientError

from bot.errors import SettingsError
from bot.slack import checks, trouble

WATCH_SECONDS = 5
QUIET = timedelta(minutes=1)
"""During an outage a line is logged this often: one for every attempt would bury the rest."""
NO_SOCKET = (
    "Slack answers, but its WebSocket does not open: check that a proxy or firewall lets it through"
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Grant:
    """One thing Slack grants: the variable that holds its token, whether we have it, how to ask."""

    variable: str
    held: Callable[[], bool]
    ask: Callable[[], object]


class Access:
    """What Slack granted, and why something is not granted; a grant that is lost is asked for
    again."""

    def __init__(
        self,
        grants: Sequence[Grant],
        *,
        clock: Callable[[], datetime],
        watch_seconds: float = WATCH_SECONDS,
    ) -> None:
        self._grants = grants
        self._clock = clock
        self._watch_seconds = watch_seconds
        self._complaint = ""
        self._complained_at: datetime | None = None
        self._stopping = threading.Event()
        self._due = threading.Event()
        self._watch = threading.Thread(target=self._keep, name="slack-watch", daemon=True)

    def start(self) -> None:
        """Ask for everything. Raises SettingsError, which names each refused token; an outage is
        waited out."""
        refused = list(self._ask())
        if refused:
            raise SettingsError("\n".join(refused))
        self._watch.start()

    def stop(self) -> None:
        """Stop asking."""
        self._stopping.set()
        self.hurry()
        if self._watch.is_alive():
            self._watch.join()

    def hurry(self) -> None:
        """Ask for what is missing now, rather than at the next turn."""
        self._due.set()

    def unwell(self) -> str:
        """Why something is missing, or an empty string."""
        if all(grant.held() for grant in self._grants):
            return ""
        return self._complaint or "not connected to Slack"

    def _keep(self) -> None:
        while True:
            self._due.wait(self._watch_seconds)
            self._due.clear()
            if self._stopping.is_set():
                return
            try:
                for refusal in self._ask():
                    self._complain(refusal)
            except Exception:
                log.exception("Asking Slack failed; it is tried again")

    def _ask(self) -> Iterator[str]:
        """Ask for what is missing; gives a sentence for each thing that was refused for good."""
        if all(grant.held() for grant in self._grants):
            self._content()
            return
        for grant in self._grants:
            try:
                if not grant.held():
                    grant.ask()
            except (*trouble.FAILURES, SlackClientError) as error:
                said = checks.remedy(error)
                if trouble.read(error).kind is trouble.Kind.AUTH:
                    yield f"{grant.variable}: {said}"
                else:
                    self._complain(said)
                    return
            else:
                if not grant.held():
                    self._complain(NO_SOCKET)

    def _complain(self, sentence: str) -> None:
        self._complaint = sentence
        now = self._clock()
        if self._complained_at is None or now - self._complained_at >= QUIET:
            self._complained_at = now
            log.warning("%s; it is tried again every %s s", sentence, self._watch_seconds)

    def _content(self) -> None:
        if self._complaint:
            log.info("Slack is there again")
        self._complaint, self._complained_at = "", None
