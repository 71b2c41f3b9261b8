"""Statements that are run again and again: each is built and compiled once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Dialect
from sqlmodel import Session

from storage.database import insert_of

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]


class Prepared:
    """A statement whose SQL goes to the driver as it was compiled the first time, and whose rows
    come back as plain tuples: to find it again by its parts, and to wrap what it gives, takes
    several times as long as to run it.

    It is given as it is, or by the name of a dialect. A list among its values stands for `IN`.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[tuple[object, ...], _Compiled] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """What it gives for some values."""
        given = {name: _padded(value) for name, value in values.items()}
        connection = session.connection()
        compiled = self._of(given, connection.dialect)
        result = connection.exec_driver_sql(compiled.sql, compiled.bound(given))
        rows = list(result.cursor.fetchall())
        result.close()
        return compiled.read(rows)

    def value(self, session: Session, **values: Any) -> Any:
        """The first value of the first row; None where there is no row."""
        rows = self.rows(session, **values)
        return rows[0][0] if rows else None

    def each(self, session: Session, rows: Collection[Values]) -> None:
        """Run it once for each of some rows, which name the same values."""
        for first in rows:
            connection = session.connection()
            compiled = self._of(first, connection.dialect)
            connection.exec_driver_sql(compiled.sql, [compiled.bound(row) for row in rows])
            return

    def _of(self, values: Values, dialect: Dialect) -> "_Compiled":
        sizes = [len(value) for value in values.values() if isinstance(value, list)]
        shape = (dialect.name, *values, *sizes)
        if (known := self._compiled.get(shape)) is None:
            statement = self._statement
            built = statement(dialect.name) if callable(statement) else statement
            known = self._compiled[shape] = _Compiled.of(built, values, dialect)
        return known


def inserting(table: Any, complete: Callable[[Any], Any]) -> Prepared:
    """The INSERT of either dialect, which knows ON CONFLICT, completed."""
    return Prepared(lambda dialect: complete(insert_of(dialect, table)))


def _padded(value: Any) -> Any:
    """A list as long as the next power of two, by its last value: `IN` does not mind, and every
    other length were another statement."""
    if not isinstance(value, list) or not value:
        return value
    return value + value[-1:] * ((1 << (len(value) - 1).bit_length()) - len(value))


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The SQL of a statement; where each of its parameters comes from, and how rows are read."""

    sql: str
    positions: Sequence[str] | None
    lists: Mapping[str, Sequence[str]]
    constants: Values
    writes: Sequence[tuple[str, Convert]]
    reads: Sequence[tuple[int, Convert]]

    @classmethod
    def of(cls, statement: Any, values: Values, dialect: Dialect) -> Self:
        keys = [*values] if statement.is_insert else None
        compiled = statement.compile(dialect=dialect, column_keys=keys)
        state = compiled.construct_expanded_state(values)
        lists = state.parameter_expansion
        source = {part: name for name, parts in lists.items() for part in parts}
        types = {name: bind.type.dialect_impl(dialect) for name, bind in compiled.binds.items()}
        writes = [
            (name, types[source.get(name, name)].bind_processor(dialect))
            for name in state.parameters
        ]
        columns = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        reads = [(at, one.result_processor(dialect, None)) for at, one in enumerate(columns)]
        return cls(
            sql=state.statement,
            positions=state.positiontup,
            lists=lists,
            constants={
                name: value for name, value in state.parameters.items() if name not in source
            },
            writes=[(name, write) for name, write in writes if write],
            reads=[(at, read) for at, read in reads if read],
        )

    def bound(self, values: Values) -> Any:
        """The parameters, as the driver takes them."""
        given = {**self.constants, **values}
        for name, parts in self.lists.items():
            given.update(zip(parts, values[name], strict=True))
        for name, write in self.writes:
            given[name] = write(given[name])
        return given if self.positions is None else tuple(map(given.__getitem__, self.positions))

    def read(self, rows: list[Any]) -> list[Any]:
        """Rows with their values as the program has them."""
        if not self.reads:
            return rows
        found = [list(row) for row in rows]
        for row in found:
            for at, read in self.reads:
                row[at] = read(row[at])
        return found
