"""Our own logs: every record is redacted before a handler writes it, ours and our libraries'."""

import logging
import sys
import threading
from types import TracebackType

from bot.core.redaction import Redactor
from bot.core.wording.unseen import UNSEEN

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
log = logging.getLogger(__name__)
_LOUD = {
    "alembic": logging.WARNING,  # tells of its plans
    "apscheduler": logging.ERROR,  # tells of every single poke
    "httpx2": logging.WARNING,  # tells of every request to a model, not what for
    "slack_bolt": logging.ERROR,  # warns of a token in the environment, where ours is
    "slack_sdk": logging.CRITICAL,  # tells of what it raises, which we tell of ourselves
}
_ESCAPED = {code: ascii(chr(code))[1:-1] for code in UNSEEN - {ord("\t"), ord("\n")}}
_INDENT = "\n    "
_UNREADABLE = "(a message that its arguments do not fit)"


class Redacting(logging.Filter):
    """A filter for a handler, by which all it writes of a record is redacted: arguments, traceback,
    stack.

    It belongs to the handler: a logger's filters are not asked about records of its children.
    """

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: no record is held back."""
        record.msg, record.args = self._redact(_message(record)).text, None
        if record.exc_info:
            record.exc_text = record.exc_text or _FORMATTER.formatException(record.exc_info)
            record.exc_info = None
        if record.exc_text:
            record.exc_text = self._redact(record.exc_text).text
        if record.stack_info:
            record.stack_info = self._redact(record.stack_info).text
        return True


class Escaping(logging.Formatter):
    """Formats a record so that only its own first line begins at the margin.

    What a message took from elsewhere can then neither look like another record nor steer a
    terminal.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record, with lines after the first indented, and invisible characters escaped as
        Python does."""
        return super().format(record).translate(_ESCAPED).replace("\n", _INDENT)


def configure(redact: Redactor, *, level: int = logging.INFO) -> None:
    """Write logs to stderr, redacted, uncaught exceptions of the program and its threads included.

    Replaces the handlers there were.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(Escaping(FORMAT))
    handler.addFilter(Redacting(redact))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _LOUD.items():
        logging.getLogger(name).setLevel(max(level, least))
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("Nobody expected this", exc_info=(kind, error, trace))


def _uncaught_in_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        _uncaught(ended.exc_type, ended.exc_value, ended.exc_traceback)


_FORMATTER = logging.Formatter()


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001  (logging itself would print the arguments as they are)
        return _UNREADABLE
