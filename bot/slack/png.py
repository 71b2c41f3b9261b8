"""A chart drawn as a PNG, for workspaces that show no native charts."""

from datetime import date
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from bot.core.telling.chart import Chart, spoken
from bot.slack import text

WIDTH, HEIGHT = 880, 460
"""Small, for the letters to be read where a thread is narrow."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 20, 134, 52
_FLAGS, _FLAG_ROWS = 58, 3
_BAR_SHARE = 0.68
_SMALL, _LARGE = 24, 28
_LONGEST_NAME = 20
"""Letters of a version."""
_STEPS = (1, 2, 2.5, 5)
_LINES = 4

_PAPER, _INK, _FAINT, _GRID = "#ffffff", "#1d1c1d", "#5f5e60", "#e4e4e6"
_GREY = "#f3f3f4"
_BAR, _SPIKE, _BOUND, _DEPLOY = "#5b7fa6", "#c2410c", "#b91c1c", "#4a154b"


class _Field(NamedTuple):
    """Where counts and days are on the picture."""

    highest: float
    days: int

    @property
    def pitch(self) -> float:
        return (WIDTH - _LEFT - _RIGHT) / self.days

    def x(self, day: float) -> float:
        return _LEFT + self.pitch * (day + 0.5)

    def y(self, count: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * count / self.highest


def draw(chart: Chart) -> bytes:
    """The chart as a PNG: a bar a day, the threshold as a dashed line, each deploy as a flag.

    What a color says is said by a shape or a word, too.
    """
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = _Pen(ImageDraw.Draw(image))
    step = _step(max(*chart.counts, chart.fires_from or 0, 1))
    field = _Field(highest=step * _LINES, days=len(chart.counts))
    pen.write(f"{chart.short_id}, a day", _LEFT, 28, anchor="lm", color=_INK, size=_LARGE)
    _unheard(pen, field, chart)
    _grid(pen, field, step)
    _deploys(pen, field, chart)
    _bars(pen, field, chart)
    _threshold(pen, field, chart)
    _last_count(pen, field, chart)
    _dates(pen, field, chart.days)
    kept = BytesIO()
    image.quantize(32).save(kept, "PNG", optimize=True)
    return kept.getvalue()


class _Pen:
    """Draws in the two sizes of letters that there are."""

    def __init__(self, canvas: ImageDraw.ImageDraw) -> None:
        self.canvas = canvas
        self._fonts = {size: ImageFont.load_default(size) for size in (_SMALL, _LARGE)}

    def write(
        self,
        words: str,
        x: float,
        y: float,
        *,
        anchor: str,
        color: str = _FAINT,
        size: int = _SMALL,
        halo: int = 0,
    ) -> None:
        """Write words at a point; `anchor` says which point of the words that is, "mm" for their
        middle, and a `halo` sets them off from what is drawn below."""
        drawable = "".join(one if " " <= one <= "~" else "?" for one in words)
        self.canvas.text(
            (x, y),
            drawable,
            fill=color,
            font=self._fonts[size],
            anchor=anchor,
            stroke_width=halo,
            stroke_fill=_PAPER,
        )

    def dashed(self, y: float, start: float, end: float, *, color: str) -> None:
        """Draw a horizontal dashed line."""
        for x in range(round(start), round(end), 16):
            self.canvas.line([(x, y), (min(x + 9, end), y)], fill=color, width=3)


def _step(highest: float) -> float:
    """The distance of two lines of the grid: a round number, so that the highest count fits."""
    size = 1.0
    while True:
        for step in _STEPS:
            whole = step * size
            if whole * _LINES >= highest * 1.08 and whole == int(whole):
                return whole
        size *= 10


def _grid(pen: _Pen, field: _Field, step: float) -> None:
    for line in range(_LINES + 1):
        y = field.y(step * line)
        pen.canvas.line([(_LEFT, y), (WIDTH - _RIGHT, y)], fill=_GRID, width=2)
        pen.write(text.count(step * line), _LEFT - 12, y, anchor="rm")


def _unheard(pen: _Pen, field: _Field, chart: Chart) -> None:
    """Draw the days of which nothing is known in grey, and label them: they are not days without
    errors."""
    half, top, floor = field.pitch / 2, field.y(field.highest), field.y(0)
    for day in sorted(chart.unheard):
        x = field.x(day)
        pen.canvas.rectangle([x - half, top, x + half, floor], fill=_GREY)
    for day in chart.unheard:
        if day - 1 not in chart.unheard:
            pen.write("no data", field.x(day) - half + 6, floor - 8, anchor="ls")


def _bars(pen: _Pen, field: _Field, chart: Chart) -> None:
    half, floor = field.pitch * _BAR_SHARE / 2, field.y(0)
    for day, count in enumerate(chart.counts):
        if count and day not in chart.unheard:
            color = _SPIKE if chart.is_spike(day) else _BAR
            x, top = field.x(day), min(field.y(count), floor - 3)
            pen.canvas.rectangle([x - half, top, x + half, floor], fill=color)


def _last_count(pen: _Pen, field: _Field, chart: Chart) -> None:
    last = len(chart.counts) - 1
    x, y = field.x(last), field.y(chart.counts[last]) - 8
    pen.write(text.count(chart.counts[last]), x, y, anchor="ms", color=_INK, size=_LARGE, halo=6)


def _threshold(pen: _Pen, field: _Field, chart: Chart) -> None:
    if chart.fires_from is None:
        return
    y, words = field.y(chart.fires_from), f"spike from {text.count(chart.fires_from)}"
    pen.dashed(y, _LEFT, WIDTH - _RIGHT, color=_BOUND)
    pen.write(words, _LEFT + 8, y - 8, anchor="ls", color=_BOUND, halo=4)


def _deploys(pen: _Pen, field: _Field, chart: Chart) -> None:
    """Draw a flag at the time of each deploy, the names below each other so that none is hidden."""
    for row, (place, one) in enumerate(chart.marked):
        x, y = _LEFT + field.pitch * place, _FLAGS + 26 * (row % _FLAG_ROWS)
        pen.canvas.line([(x, y), (x, field.y(0))], fill=_DEPLOY, width=2)
        pen.canvas.polygon([(x, y - 8), (x + 14, y), (x, y + 8)], fill=_DEPLOY)
        beside, anchor = (x - 8, "rm") if x > WIDTH / 2 else (x + 20, "lm")
        pen.write(_short(one.version), beside, y, anchor=anchor, color=_DEPLOY, halo=4)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..."


def _dates(pen: _Pen, field: _Field, days: tuple[date, ...]) -> None:
    """Write every third date, as there is room for no more."""
    last = len(days) - 1
    for day in range(last % 3, last, 3):
        pen.write(spoken(days[day]), field.x(day), HEIGHT - _BOTTOM + 12, anchor="mt")
    pen.write("last 24 h", WIDTH - _RIGHT, HEIGHT - _BOTTOM + 12, anchor="rt", color=_INK)
