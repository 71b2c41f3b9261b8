"""The trend of a signature: as a chart that Slack draws, or as a picture of ours."""

from bot.core.telling.chart import Chart, Picture, said, spoken
from bot.slack import text
from bot.slack.blocks.elements import Block, context

_SAYS = 2_000
"""Characters of the text alternative that Slack takes."""
_LABEL = 20
"""Characters of the name of a day or a line in a native chart."""


def drawn(picture: Picture) -> Block:
    """A picture that was uploaded to Slack; its alternative text has all the numbers."""
    return {
        "type": "image",
        "slack_file": {"id": picture.file},
        "alt_text": text.plain(picture.says, _SAYS),
    }


def native(chart: Chart) -> list[Block]:
    """A chart for Slack to draw, with the same in words below it, since the block has no
    alternative text."""
    labels = _labels(chart)
    lines = [_line("seen", chart.counts, labels)]
    if chart.fires_from is not None:
        bound = (chart.fires_from,) * len(labels)
        lines.append(_line(f"spike from {text.count(chart.fires_from)}", bound, labels))
    block = {
        "type": "data_visualization",
        "title": f"{chart.short_id}: fourteen days and the last 24 hours"[:50],
        "chart": {
            "type": "line",
            "series": lines,
            "axis_config": {"categories": labels, "y_label": "a day"},
        },
    }
    return [block, context(text.told(said(chart), 1_000))]


def _labels(chart: Chart) -> list[str]:
    """The dates, with a flag where there was a deploy."""
    flags = {int(at) for at, _ in chart.marked}
    names = [*map(spoken, chart.days[:-1]), "last 24 h"]
    return [f"{name} ⚑" if day in flags else name for day, name in enumerate(names)]


def _line(name: str, counts: tuple[int, ...], labels: list[str]) -> Block:
    points = [{"label": label, "value": count} for label, count in zip(labels, counts, strict=True)]
    return {"name": name[:_LABEL], "data": points}
