"""Slack's mrkdwn as HTML in which nothing of the text can act: everything is escaped."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from bot.workspace.emoji import EMOJI, shown

TOKEN = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|<(?P<angle>[^<>\n]+)>"
    r"|(?P<bare>https?://[^\s<>|`]+)"
    r"|:(?P<emoji>[a-z0-9_+'-]{1,50}):"
)
PLACE = re.compile("\ue000([0-9]+)\ue001")
STYLES = tuple(
    (re.compile(rf"(?<![\w{mark}]){mark}(?=\S)([^{mark}\n]+)(?<=\S){mark}(?![\w{mark}])"), tag)
    for mark, tag in ((r"\*", "strong"), ("_", "em"), ("~", "s"))
)
_HALF_A_YEAR = timedelta(days=183)
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
LINK_SCHEMES = ("http", "https", "mailto")


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids in a text are called, and the time that its dates are told from."""

    people: Mapping[str, str]
    groups: Mapping[str, str]
    channels: Mapping[str, str]
    now: datetime


def html(text: str, names: Names) -> Markup:
    """The text as Slack would draw it."""
    parts = text.translate({0xE000: None, 0xE001: None}).split("```")
    if len(parts) % 2 == 0:
        parts[-2:] = ["```".join(parts[-2:])]
    drawn = [
        Markup("<pre>{}</pre>").format(_plain(part.strip("\n")))
        if index % 2
        else _lines(part.removeprefix("\n") if index else part, names)
        for index, part in enumerate(parts)
        if part
    ]
    return Markup("").join(drawn)


def safe_link(url: str) -> str:
    """The address if a link to it may be shown, else an empty string."""
    try:
        return url if urlsplit(url).scheme in LINK_SCHEMES else ""
    except ValueError:
        return ""


def date(timestamp: int, pattern: str, *, now: datetime) -> str:
    """A moment in Slack's date format, in UTC, as it is told at `now`: the year where it is far."""
    moment = datetime.fromtimestamp(timestamp, UTC)
    year = f", {moment.year}" if abs(now - moment) > _HALF_A_YEAR else ""
    day = f"{moment:%B} {moment.day}{year}"
    short = f"{moment:%b} {moment.day}{year}"
    near = _NEAR.get((moment.date() - now.astimezone(UTC).date()).days, "")
    spelled = {
        "{date_num}": f"{moment:%Y-%m-%d}",
        "{date_short_pretty}": near or short,
        "{date_short}": short,
        "{date_long_pretty}": near or f"{moment:%A}, {day}",
        "{date_long}": f"{moment:%A}, {day}",
        "{date_pretty}": near or day,
        "{date}": day,
        "{time_secs}": f"{moment:%H:%M:%S}",
        "{time}": f"{moment:%H:%M}",
        "{ago}": _ago(now - moment),
    }
    return re.sub(r"\{\w+\}", lambda found: spelled.get(found[0], found[0]), pattern)


def _ago(passed: timedelta) -> str:
    seconds = abs(int(passed.total_seconds()))
    if not seconds:
        return "just now"
    count, unit = next(
        ((seconds // size, unit) for size, unit in _UNITS if seconds >= size), (0, "second")
    )
    many = "" if count == 1 else "s"
    return f"{count} {unit}{many} ago" if passed >= timedelta() else f"in {count} {unit}{many}"


def _plain(text: str) -> str:
    """Slack's three escapes undone; what comes out is not HTML."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _lines(text: str, names: Names) -> Markup:
    drawn: list[Markup] = []
    quoted: list[Markup] = []
    for line in text.split("\n"):
        quote = re.match(r"(?:&gt;|>) ?", line)
        if quote:
            quoted.append(_inline(line[quote.end() :], names))
            continue
        drawn += _quote(quoted)
        quoted = []
        drawn += [_inline(line, names), Markup("<br>")]
    drawn += _quote(quoted)
    while drawn and drawn[-1] == "<br>":
        drawn.pop()
    return Markup("").join(drawn)


def _quote(lines: list[Markup]) -> list[Markup]:
    if not lines:
        return []
    return [Markup("<blockquote>{}</blockquote>").format(Markup("<br>").join(lines))]


def _inline(text: str, names: Names) -> Markup:
    """One line: what stands for itself is put aside, so that no style reaches into it."""
    aside: list[Markup] = []

    def put_aside(found: re.Match[str]) -> str:
        aside.append(_token(found, names))
        return f"\ue000{len(aside) - 1}\ue001"

    styled = str(escape(_plain(TOKEN.sub(put_aside, text))))
    for pattern, tag in STYLES:
        styled = pattern.sub(rf"<{tag}>\1</{tag}>", styled)
    return Markup(PLACE.sub(lambda found: aside[int(found[1])], styled))  # noqa: S704


def _token(found: re.Match[str], names: Names) -> Markup:
    if found["code"]:
        return Markup("<code>{}</code>").format(_plain(found["code"]))
    if found["bare"]:
        return _link(found["bare"], "")
    if found["emoji"]:
        return _emoji(found["emoji"])
    return _angle(found["angle"], names)


def _emoji(name: str) -> Markup:
    if name not in EMOJI:
        return escape(f":{name}:")
    return Markup('<span class="emoji" role="img" aria-label="{}">{}</span>').format(
        name.replace("_", " "), shown(name)
    )


def _angle(inside: str, names: Names) -> Markup:
    target, _, label = inside.partition("|")
    for start, draw in _ANGLES.items():
        if target.startswith(start):
            return draw(target.removeprefix(start), label, names)
    return _link(target, label)


def _user(target: str, label: str, names: Names) -> Markup:
    return mention(f"@{names.people.get(target, label or target)}", target)


def _channel(target: str, label: str, names: Names) -> Markup:
    return mention(f"#{names.channels.get(target, label or target)}", target)


def _subteam(target: str, label: str, names: Names) -> Markup:
    return mention(f"@{names.groups.get(target, label or target)}", target)


def _date(target: str, label: str, names: Names) -> Markup:
    timestamp, _, rest = target.partition("^")
    pattern, _, url = rest.partition("^")
    if not re.fullmatch(r"[0-9]{1,11}", timestamp):
        return escape(label)
    text = date(int(timestamp), pattern, now=names.now)
    when = datetime.fromtimestamp(int(timestamp), UTC).isoformat()
    drawn = Markup('<time datetime="{}" title="{}">{}</time>').format(when, label, text)
    return _anchor(url, drawn) if safe_link(url) else drawn


def _special(target: str, label: str, names: Names) -> Markup:  # noqa: ARG001
    return mention(f"@{target}", target)


_ANGLES: Mapping[str, Callable[[str, str, Names], Markup]] = {
    "@": _user,
    "#": _channel,
    "!subteam^": _subteam,
    "!date^": _date,
    "!": _special,
}


def mention(text: str, target: str) -> Markup:
    """Somebody or something named in a text."""
    return Markup('<span class="mention" data-mention="{}">{}</span>').format(target, text)


def _link(url: str, label: str) -> Markup:
    address = _plain(url)
    if not safe_link(address):
        return escape(f"<{address}|{_plain(label)}>" if label else f"<{address}>")
    return _anchor(address, escape(_plain(label) or address))


def _anchor(url: str, drawn: Markup) -> Markup:
    opened = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    return opened.format(url, drawn)
