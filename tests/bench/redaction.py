"""How much redaction hides and keeps, how fast it is, and how it grows on hostile lines.

    python -m tests.bench.redaction                          on a corpus made here
    python -m tests.bench.redaction --corpus C.jsonl --logs FILE… --hostile lines.txt

A corpus has one {"text", "must_hide", "must_keep", "kind"} a line; kind "negative" marks the
harmless. Logs are texts of any kind, hostile lines one JSON string a line. A secret is hidden when
it is gone, and no piece of 12 characters of a long one is left.
"""

import argparse
import json
import random
import string
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.core.redaction import redact

LONGEST = 64_000
PIECE = 12
SPEED_BYTES = 1_000_000
"""So much is redacted, at least, to tell a speed."""
UNITS = (
    *(
        "password=",
        "token:",
        "a.",
        "a@",
        "://",
        "0:",
        '"',
        "eyJ",
        "Cookie: a=",
        "1 ",
        "4444 ",
        "x_",
    ),
    *("mysql ", "+1", "-----BEGIN PRIVATE KEY-----", "1.1.1.", "secret is ", "pin: ", "curl -u "),
    *(
        "key=${a}",
        "key=",
        "key::",
        "key=a1:",
        "zip -p",
        "sshpass -p",
        "sshpass -psecret ",
        "://a:b@",
        "12 Old ",
        "user: ",
        "tenant 1",
        "::",
        "a:b::",
        "0 1 ",
    ),
)


@dataclass(frozen=True, slots=True)
class Case:
    """A text, what must be gone from it, and what must stay."""

    text: str
    must_hide: tuple[str, ...] = ()
    must_keep: tuple[str, ...] = ()
    kind: str = "negative"


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--corpus", type=Path, help="labelled cases; else some are made")
    cli.add_argument("--logs", type=Path, nargs="*", default=[], help="ordinary logs; else made")
    cli.add_argument("--hostile", type=Path, help="hostile lines, beside those made here")
    asked = cli.parse_args()
    cases = list(read_cases(asked.corpus) if asked.corpus else made_cases())
    logs = [line for path in asked.logs for line in lines_of(path)] or list(made_logs())
    hostile = [
        *made_hostile(),
        *(map(json.loads, lines_of(asked.hostile)) if asked.hostile else ()),
    ]
    speed = [*speeds("corpus", [case.text for case in cases]), *speeds("ordinary logs", logs)]
    for name, figure, bar in (*strength(cases), *speed, *growth(hostile)):
        print(f"{name:48} {figure:>8}   {bar}")
    for kind, left in sorted(leaks(cases).items()):
        print(f"  left of {kind}: {left}")


def strength(cases: Sequence[Case]) -> Iterator[tuple[str, str, str]]:
    hidden = [gone(secret, redact(case.text).text) for case in cases for secret in case.must_hide]
    kept = [piece in redact(case.text).text for case in cases for piece in case.must_keep]
    clean = [
        all(piece in redact(case.text).text for piece in case.must_keep)
        for case in cases
        if case.kind == "negative"
    ]
    yield f"secrets hidden, of {len(hidden)}", share(hidden), ">= .98"
    yield f"pieces of context kept, of {len(kept)}", share(kept), ">= .97"
    yield f"harmless lines whole, of {len(clean)}", share(clean), ">= .95"
    again = [redact(once).text == once for case in cases for once in [redact(case.text).text]]
    yield f"texts that redacting again leaves, of {len(again)}", share(again), "all"


def share(marks: Sequence[bool]) -> str:
    return f"{sum(marks) / max(1, len(marks)):.4f}"


def gone(secret: str, text: str) -> bool:
    pieces = range(len(secret) - PIECE + 1) if len(secret) >= PIECE + 4 else ()
    return secret not in text and not any(secret[at : at + PIECE] in text for at in pieces)


def leaks(cases: Iterable[Case]) -> dict[str, int]:
    left = [
        case.kind
        for case in cases
        for secret in case.must_hide
        if not gone(secret, redact(case.text).text)
    ]
    return {kind: left.count(kind) for kind in left}


def speeds(name: str, texts: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """The first time through, when RE2 builds what the texts need, and from then on."""
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    first = seconds(texts)
    rounds = max(1, SPEED_BYTES // max(1, size))
    best = min(seconds(texts * rounds) for _ in range(3))
    yield f"MB per CPU second, {name}", f"{size * rounds / best / 1e6:.2f}", ">= 1"
    yield "  the first time through", f"{size / first / 1e6:.2f}", ""


def seconds(texts: Iterable[str]) -> float:
    start = time.process_time()
    for text in texts:
        redact(text)
    return time.process_time() - start


def growth(lines: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """The slowest hostile line, and the worst ratio of a line's time to its half's."""
    whole = {line[:LONGEST]: best_of(line[:LONGEST]) for line in lines}
    slow = [line for line, spent in whole.items() if spent > 0.01]
    ratios = [whole[line] / best_of(line[: len(line) // 2]) for line in slow]
    yield (
        f"ms, the slowest of {len(whole)} hostile lines",
        f"{max(whole.values()) * 1e3:.0f}",
        "< 200",
    )
    yield f"t(2n)/t(n), worst of the {len(slow)} slow ones", f"{max(ratios, default=1):.1f}", "< 3"


def best_of(line: str) -> float:
    return min(seconds([line]) for _ in range(3))


def lines_of(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if line]


def read_cases(path: Path) -> Iterator[Case]:
    for line in lines_of(path):
        given = json.loads(line)
        hide, keep = tuple(given["must_hide"]), tuple(given["must_keep"])
        yield Case(given["text"], hide, keep, given["kind"])


# ---- what is made where nothing is given: nobody's secrets, the same in every run

CARRIERS = (
    ("token", "login with {} refused after 3 attempts", ("refused", "3 attempts")),
    ("password", "connect host=db1 password={} sslmode=require", ("host=db1", "sslmode=require")),
    ("json", '{{"user_count": 3, "api_key": "{}", "ok": false}}', ('"user_count": 3', "false")),
    ("header", "GET /v1/me Authorization: Bearer {} -> 401", ("GET /v1/me", "401")),
    ("cookie", "Cookie: sessionid={}; theme=dark", ()),
    ("url", "could not reach postgres://shop:{}@db-1.internal:5432/shop", ("db-1.internal:5432",)),
    ("option", "deploy --token {} --verbose", ("deploy", "--verbose")),
    ("query", "POST /pay?token={}&page=2 500", ("POST /pay", "page=2 500")),
)
HARMLESS = (
    "TypeError: Cannot read properties of undefined (reading 'total') at cart.js:{}:7",
    "GET /v1/orders 504 in {} ms from 127.0.0.1",
    "commit 9fceb02d0ae598e95dc970b74767f19372d6{} broke the build",
    "password authentication failed for the role, attempt {}",
    "max_tokens=4096 exceeded: prompt has {} tokens",
    "org.postgresql.util.PSQLException: ERROR: deadlock detected, process {} waits",
    'File "/app/checkout/cart.py", line {}, in total',
    "kafka partition=3 offset={} lag=99120",
)


def made_cases() -> Iterator[Case]:
    chance = random.Random(20261121)
    for _ in range(60):
        for kind, carrier, keep in CARRIERS:
            secret = "".join(chance.choices(string.ascii_letters + string.digits, k=24)) + "7"
            given = "gh" + "p_" + secret + secret[:15] if kind == "token" else secret
            yield Case(carrier.format(given), (given,), keep, kind)
    for line in HARMLESS:
        text = line.format(chance.randrange(1000, 9999))
        yield Case(text, (), (text,))


def made_logs() -> Iterator[str]:
    chance = random.Random(20261121)
    for number in range(4_000):
        line = chance.choice(HARMLESS).format(chance.randrange(1000, 99_999))
        clock = f"02:{number // 60 % 60:02}:{number % 60:02},583"
        level = chance.choice(("ERROR", "WARN", "INFO"))
        yield f"2026-11-21 {clock} {level} [worker-{number % 7}] {line}"


def made_hostile() -> Iterator[str]:
    for unit in UNITS:
        yield (unit * LONGEST)[:LONGEST]


if __name__ == "__main__":
    main()
