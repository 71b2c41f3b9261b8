"""What loggers of requests write, as their sources or manuals have it, for an answer to fill in."""

import json
from http import HTTPStatus
from pathlib import Path

LINES: dict[str, str] = json.loads(
    (Path(__file__).parent / "core" / "fixtures" / "request_lines.json").read_text(encoding="utf-8")
)
"""Logger → a line for `str.format`: status, reason, REASON, method, path, client, host, size, took
and agent."""

ASKED = (
    {"path": "/cart", "client": "10.0.0.1", "host": "shop.example", "size": "19", "took": "1.2"},
    {
        "path": "/api/v2/orders/7f3a/items?q=x&page=2",
        "client": "203.0.113.77",
        "host": "api.example.org",
        "size": "48213",
        "took": "231.04",
        "agent": "Mozilla/5.0+(X11;+Linux)",
    },
    {"path": "/", "client": "10.0.0.9", "host": "localhost", "size": "0", "took": "17"},
)
"""What makes no difference: who asked for what, how long it took and how much came of it."""


def line(logger: str, status: int, method: str = "GET", asked: int = 0) -> str:
    """The line of a logger for a request that was answered so."""
    reason = HTTPStatus(status).phrase
    facts = {"agent": "curl/8.1", **ASKED[asked]}
    return LINES[logger].format(
        status=status,
        method=method,
        reason=reason,
        REASON=reason.upper().replace(" ", "_"),
        **facts,
    )
