"""How long `/triage today` takes where much was seen: what is read, and the message made of it."""

import argparse
import random
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from bot.core.event import Severity
from bot.core.hour import DAY, hour_of
from bot.core.rules import analyse
from bot.flows import describe, look
from bot.slack.blocks import answer
from storage import signatures
from storage.database import Database, open_database, table_of
from storage.tables import Analysis, Anomaly, Customer, Sighting, Signature
from tests.builders import NOON

DAYS = 30
ROWS_EACH = 12
"""Sightings of most signatures in all; every tenth is seen each day, every hundredth each hour."""
UNUSUAL = 120
"""Signatures that began to behave unusually within the last day."""
WAITING = 80
"""That did before, and are nobody's."""
BATCH = 50_000


def main() -> None:
    cli = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    cli.add_argument("--signatures", type=int, default=100_000)
    cli.add_argument("--times", type=int, default=40)
    cli.add_argument("--keep", type=Path, help="where the database is, or is put")
    asked = cli.parse_args()
    with TemporaryDirectory() as folder:
        file = asked.keep or Path(folder) / "triage.db"
        is_new = not file.exists()
        with closing(open_database(f"sqlite:///{file}", durable=False)) as database:
            if is_new:
                fill(database, asked.signatures)
            print(f"{'today':10} {told(database, asked.times)}")


def told(database: Database, times: int) -> str:
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = perf_counter(), process_time()
        answer.today(look.today(database, now=NOON), command="/triage", reader="U1")
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    found = {"p50": 9, "p95": 18}
    said = [
        f"{name} {quantiles(walls, n=20)[at] * 1000:.0f} ms "
        f"({quantiles(cpus, n=20)[at] * 1000:.0f} ms of CPU)"
        for name, at in found.items()
    ]
    return "  ".join(said)


def fill(database: Database, many: int) -> None:
    """Signatures of thirty days, with their sightings, and some of them unusual now."""
    draw = random.Random(many)
    keep(database, Signature, (signature(number, draw) for number in range(1, many + 1)))
    keep(database, Sighting, sightings(many, draw))
    keep(
        database,
        Customer,
        ({"name": f"c{n}", "first_seen": NOON - timedelta(days=DAYS)} for n in range(400)),
    )
    chosen = draw.sample(range(1, many + 1), UNUSUAL + WAITING)
    keep(database, Anomaly, (anomaly(n, at) for at, n in enumerate(chosen)))
    with database.read() as session:
        symptoms = describe.symptoms(session, signatures.get(session, chosen).values())
    keep(
        database,
        Analysis,
        (analysis(n, analyse(symptom).as_json()) for n, symptom in symptoms.items()),
    )


def signature(number: int, draw: random.Random) -> dict[str, Any]:
    first = NOON - timedelta(days=draw.random() * DAYS)
    last = first + (NOON - first) * draw.random()
    return {
        "id": number,
        "fingerprint": f"{number:032x}",
        "short_id": f"E-{number:06}",
        "service": f"service-{number % 60}",
        "environment": "production",
        "title": f"ConnectionError: call {number} refused by upstream",
        "template": f"call {number} to <host> refused by upstream after <num> ms",
        "error_type": "ConnectionError",
        "severity": int(Severity.ERROR),
        "first_seen": first,
        "last_seen": last,
        "first_received": first,
        "first_version": "1",
        "last_version": "1",
        "total": 100,
        "samples": 0,
        "state": "open",
        "owner": "platform",
        "owner_reason": "network error",
        "owner_decided": False,
        "assignee": "",
        "resolved_in": "",
    }


def sightings(many: int, draw: random.Random) -> Iterator[dict[str, Any]]:
    now = hour_of(NOON)
    for number in range(1, many + 1):
        hours = DAYS * DAY
        often = hours if number % 100 == 0 else 3 * DAYS if number % 10 == 0 else ROWS_EACH
        for back in draw.sample(range(hours), often):
            yield {
                "signature_id": number,
                "hour": now - back,
                "customer": f"c{draw.randrange(400)}",
                "count": draw.randrange(1, 50),
                "minutes": None,
            }


def anomaly(number: int, at: int) -> dict[str, Any]:
    began = NOON - timedelta(hours=at % 23 + 0.5) - timedelta(days=at >= UNUSUAL) * 2
    return {
        "signature_id": number,
        "kind": "new" if at % 2 else "spike",
        "opened_at": began,
        "updated_at": NOON,
        "closed_at": None,
        "reason": "first seen this morning, 214 since",
        "receipt": {},
    }


def analysis(number: int, content: dict[str, Any]) -> dict[str, Any]:
    facts = {"signature_id": number, "analyst": "rules", "version": "1", "at": NOON}
    return {**facts, "content": content, "tier": "", "evidence": "", "note": "", "asked_with": ""}


def keep(database: Database, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    with database.write() as session:
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                store(session, table, batch)
                batch = []
        store(session, table, batch)


def store(session: Any, table: Any, batch: Sequence[dict[str, Any]]) -> None:
    if batch:
        session.connection().execute(table_of(table).insert(), batch)


if __name__ == "__main__":
    main()
