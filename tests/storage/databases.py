"""Databases in files of their own."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, DateTime, create_engine, inspect, text
from sqlmodel import Session

from storage import schemas
from storage.database import Database, open_database
from storage.tables import Customer, Signature
from tests.builders import NOON


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def meet(database: Database, name: str) -> None:
    with database.write() as session:
        session.add(Customer(name=name, first_seen=NOON))


def customers(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.execute(text("SELECT name FROM customers")).scalars())


def a_signature(session: Session, short_id: str) -> Signature:
    """An error of the checkout at noon, seen once."""
    made = Signature(
        fingerprint=short_id,
        short_id=short_id,
        service="checkout",
        environment="",
        title="it broke",
        template="it broke",
        error_type="",
        severity=40,
        first_seen=NOON,
        last_seen=NOON,
        first_received=NOON,
        last_received=NOON,
        first_version="",
        last_version="",
        total=1,
    )
    session.add(made)
    session.flush()
    return made


def a_closed_database(file: Path) -> Path:
    database = open_database(url_of(file))
    meet(database, "acme")
    database.close()
    return file


@contextmanager
def a_disk_full_at(size: int) -> Iterator[None]:
    """No file of this process grows past `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def plant_signature(connection: Connection) -> None:
    """Number 1, in whatever columns the schema has by then."""
    values = {
        str(one["name"]): "'2026-11-18 12:00:00'" if isinstance(one["type"], DateTime) else "''"
        for one in inspect(connection).get_columns("signatures")
        if not one["nullable"]
    }
    values |= {"id": "1", "severity": "17", "total": "1", "samples": "0", "owner_decided": "'0'"}
    columns, given = ", ".join(values), ", ".join(values.values())
    connection.execute(text(f"INSERT INTO signatures ({columns}) VALUES ({given})"))


def at(url: str, revision: str) -> None:
    """Bring a new database to an earlier schema."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(schemas.MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def one_of_the_first_schema(file: Path) -> None:
    at(url_of(file), "0001")
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany(
            "INSERT INTO customers VALUES (?, '2026-11-18 12:00:00.000000')",
            [(f"{number:0200d}",) for number in range(2_000)],
        )
