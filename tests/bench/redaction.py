"""How fast redaction is, and on a labelled corpus how much it hides and keeps.

    python -m tests.bench.redaction CORPUS.jsonl

One {"text", "must_hide", "must_keep", "kind"} a line; kind "negative" marks the harmless.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from bot.core.redaction import redact


def main(corpus: str) -> None:
    cases = [json.loads(line) for line in Path(corpus).read_text(encoding="utf-8").splitlines()]
    start = time.process_time()
    texts = [redact(case["text"]).text for case in cases * 5][: len(cases)]
    seconds = time.process_time() - start
    size = 5 * sum(len(case["text"].encode()) for case in cases)
    hidden = [
        not leaks(secret, text)
        for case, text in zip(cases, texts, strict=True)
        for secret in case["must_hide"]
    ]
    kept = [
        piece in text
        for case, text in zip(cases, texts, strict=True)
        for piece in case["must_keep"]
    ]
    clean = [
        is_whole(case, text)
        for case, text in zip(cases, texts, strict=True)
        if case["kind"] == "negative"
    ]
    for name, marks in (("hidden", hidden), ("kept", kept), ("clean", clean)):
        print(f"{name:7} {sum(marks) / max(1, len(marks)):.4f} of {len(marks)}")
    print(f"speed   {size / seconds / 1e6:.2f} MB per CPU second")


def leaks(secret: str, text: str) -> bool:
    pieces = [secret[at : at + 12] for at in range(len(secret) - 11)] if len(secret) >= 16 else []
    return secret in text or any(piece in text for piece in pieces)


def is_whole(case: dict[str, Any], text: str) -> bool:
    return all(piece in text for piece in case["must_keep"])


if __name__ == "__main__":
    main(sys.argv[1])
