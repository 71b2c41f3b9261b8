"""Everything people read as text on Slack: escaped, dated, counted, and never alive by accident.

`inline`, `code` and `lines` are the one way in for text that came from a log, a model or a form. A
log line that says `<!channel>` wakes nobody here, and a link in it leads nowhere.
"""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from bot.core.detection.finding import Kind
from bot.core.ownership.decision import State
from bot.core.signing import excerpt
from bot.core.wording.moment import replaced, written
from bot.core.wording.unseen import UNSEEN

MAX_TEXT = 4000
"""`chat.postMessage` takes 40,000 characters, but `chat.update` fails above this."""

MAX_LINES = 10
MAX_LINE = 150
_LONGEST = 20_000
_GAP = "… {:,} more lines …"

SOMEBODY = "somebody"
"""Whoever has no name that we know of."""

JOINER = "\u2060"
"""Has no width, and keeps what it stands in from being taken for a link, a mention or an emoji."""

_DROPPED = dict.fromkeys(UNSEEN - {ord("\t"), ord("\n")})
_LINE_ENDS = re.compile("\r\n|[\r\n\u0085\u2028\u2029]")
_ALIVE = re.compile(r":(?=//|[A-Za-z0-9_+'-]+:)|@(?=\w)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'"}
_PERSON = re.compile(r"[UW][A-Z0-9]{2,20}")
_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,20}")
_MENTION = re.compile(rf"<@({_PERSON.pattern})>")
_TORN = re.compile(r"(?:<[^<>]*|&[a-z]*)…\Z")
_URL = re.compile(r"https?://[^\s<>|]{1,2000}")
_ESCAPED_PERSON = re.compile(rf"^&lt;@{JOINER}?({_PERSON.pattern})&gt;")

KINDS = {
    Kind.CRITICAL: "🚨 critical",
    Kind.NEW: "🆕 new",
    Kind.SPIKE: "📈 spiking",
    Kind.SPREAD: "📣 spreading",
    Kind.BACK: "🔁 back",
}
STATES = {
    State.OPEN: "⚪ open",
    State.CLAIMED: "🙋 claimed",
    State.RESOLVED: "✅ resolved",
    State.MUTED: "🔕 muted",
}


def length(text: str) -> int:
    """The length of a text as Slack counts it, in UTF-16 units: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clip(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units of a text, with an ellipsis where it was cut."""
    if length(text) <= limit:
        return text
    kept = text[: max(0, limit - 1)]
    while length(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def cut(words: str, limit: int) -> str:
    """At most `limit` units of mrkdwn; no date, mention, link or entity is cut apart."""
    short = clip(words, limit)
    return short if short == words else _TORN.sub("…", short)


def clean(text: str) -> str:
    """The text without invisible characters: control and direction marks, lone surrogates."""
    return _LINE_ENDS.sub("\n", text).translate(_DROPPED)


def plain(text: str, limit: int) -> str:
    """The text as one line for a plain-text field, which Slack shows as it is."""
    return clip(" ".join(clean(text[: 4 * limit]).split()), limit)


def inline(text: str, limit: int) -> str:
    """The text as one escaped line for mrkdwn: without mentions, links, emoji or code.

    The limit holds after escaping, and no entity is cut in half.
    """
    dead = _ALIVE.sub(lambda found: found[0] + JOINER, plain(text, limit))
    escaped = [_ENTITIES.get(character, character) for character in dead]
    return _joined(escaped, limit)


def told(sentence: str, limit: int) -> str:
    """The same for a sentence of ours; moments in it are shown in each reader's own time."""
    return replaced(inline(sentence, limit), date)


def code(text: str, limit: int) -> str:
    """The text as one escaped line in a monospaced font, or an em dash if it is empty."""
    inner = inline(text, limit - 2)
    return f"`{inner}`" if inner else "—"


def lines(text: str) -> str:
    """The lines of a text that tell most, for `rich_text_preformatted`, taken literally."""
    return fitted(excerpted(text), MAX_LINE)


def excerpted(text: str) -> list[str]:
    """The lines of a text that tell most, with how many were left out between them."""
    kept = [line.rstrip() for line in clean(_bounded(text)).split("\n") if line.strip()]
    rows, before = list[str](), -1
    for number in excerpt.of(kept, most=MAX_LINES):
        rows += [_GAP.format(number - before - 1)] if number - before > 1 else []
        rows.append(kept[number])
        before = number
    return rows


def fitted(rows: Sequence[str], width: int) -> str:
    """Lines cut to so many units each; a longer one keeps both ends, since a call ends with its
    file and line."""
    return "\n".join(_middle_out(row, width) for row in rows)


def _middle_out(line: str, limit: int) -> str:
    if length(line) <= limit:
        return line
    head = clip(line, limit - limit // 2)
    tail = line[-(limit // 2) :]
    while length(head) + length(tail) > limit:
        tail = tail[1:]
    return head + tail


def _bounded(text: str) -> str:
    """Both ends of a text that is too long; else all of it."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]}\n{text[-_LONGEST // 2 :]}"


def sentence(text: str) -> str:
    """A sentence of the audit trail, escaped, except for the mention it begins with."""
    escaped = inline(text, 600)
    return _ESCAPED_PERSON.sub(lambda found: person(found[1]), escaped)


def person(user: str) -> str:
    """A person as a mention, or by their name if it is no id of Slack's."""
    return f"<@{user}>" if _PERSON.fullmatch(user) else inline(user, 60) or SOMEBODY


def called(name: str) -> str:
    """A person or user group as a mention, which calls them; "" for anything else."""
    if _GROUP.fullmatch(name):
        return f"<!subteam^{name}>"
    return f"<@{name}>" if _PERSON.fullmatch(name) else ""


def unmentioned(words: str, name: Callable[[str], str], *, besides: Collection[str] = ()) -> str:
    """The words with names in place of mentions, which wakes nobody, `besides` some.

    Whatever else looks like a mention must be escaped by then.
    """

    def quiet(found: re.Match[str]) -> str:
        if found[1] in besides:
            return found[0]
        return inline(name(found[1]), 60) or SOMEBODY

    return _MENTION.sub(quiet, words)


def channel(name: str) -> str:
    """A channel as a link with its current name, if it is given by its id."""
    return f"<#{name}>" if _CHANNEL.fullmatch(name) else inline(name, 80)


def link(url: str, label: str) -> str:
    """A link to an address that Slack itself gave us; for any other only the label."""
    return f"<{url}|{label}>" if _URL.fullmatch(url) else label


def date(moment: datetime) -> str:
    """A moment in the reader's own time zone, with an ISO fallback."""
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{written(moment)}>"


def aged(moment: datetime) -> str:
    """A moment with its age, which Slack keeps current.

    All tokens are those of Slack's page on formatting text (November 2026), `{ago}` among them.
    """
    seconds = int(moment.timestamp())
    return f"<!date^{seconds}^{{date_short_pretty}} {{time}} ({{ago}})|{written(moment)}>"


def ago(moment: datetime) -> str:
    """The age of a moment, which Slack keeps current."""
    return f"<!date^{int(moment.timestamp())}^{{ago}}|{written(moment)}>"


def count(number: float) -> str:
    """A count people can take in: 214, 1.2k, 54k, 3.4M."""
    for size, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")):
        if number >= size * 0.9995:
            scaled = number / size
            return (
                f"{scaled:.1f}".removesuffix(".0") + unit if scaled < 10 else f"{scaled:.0f}{unit}"
            )
    return f"{number:.1f}".removesuffix(".0")


def unbroken(words: str) -> str:
    """The words with no place where a narrow screen could break the line."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")


def plural(number: int, noun: str) -> str:
    """ "1 customer", "3 customers"."""
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def span(seconds: float) -> str:
    """A duration in the largest unit that fits: 4 s, 12 min, 3 h, 2 days."""
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86_400)} days"


def _joined(parts: Sequence[str], limit: int) -> str:
    """As many of the parts as fit the limit, none of them cut."""
    if length(whole := "".join(parts)) <= limit:
        return whole
    kept, used = [], 1
    for part in parts:
        used += length(part)
        if used > limit:
            break
        kept.append(part)
    return "".join(kept).rstrip() + "…"
