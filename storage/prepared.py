"""Statements that are run again and again: each is built and compiled once."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from sqlalchemy import Dialect, LargeBinary
from sqlmodel import Session

from storage.database import insert_of

Values = Mapping[str, Any]
Convert = Callable[[Any], Any]


class Prepared:
    """A statement whose SQL is compiled once and whose rows come back as plain tuples.

    SQLAlchemy would look the SQL up by the statement's parts and wrap each row, which takes several
    times as long as running it. The statement is given as it is, or as a function of the name of a
    dialect. A list among its values stands for `IN`.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._compiled: dict[tuple[object, ...], _Compiled] = {}

    def rows(self, session: Session, **values: Any) -> list[Any]:
        """The rows for some values."""
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
        """Run it once for each of some rows, which all name the same values."""
        for first in rows:
            connection = session.connection()
            compiled = self._of(first, connection.dialect)
            connection.exec_driver_sql(compiled.sql, [compiled.bound(row) for row in rows])
            return

    def each_of(
        self, session: Session, names: Sequence[str], rows: Collection[tuple[Any, ...]]
    ) -> None:
        """Run it once for each of some rows, given as the values of `names` in their order: cheaper
        than by name for thousands."""
        for first in rows:
            connection = session.connection()
            compiled = self._of(dict(zip(names, first, strict=True)), connection.dialect)
            if compiled.takes(names):
                connection.exec_driver_sql(compiled.sql, [*rows])
            else:
                self.each(session, [dict(zip(names, row, strict=True)) for row in rows])
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
    """The INSERT of each dialect, which knows ON CONFLICT; `complete` adds that."""
    return Prepared(lambda dialect: complete(insert_of(dialect, table)))


def _padded(value: Any) -> Any:
    """A list, filled up with its last value to the next power of two: `IN` does not mind, and each
    other length would be a statement of its own."""
    if not isinstance(value, list) or not value:
        return value
    return value + value[-1:] * ((1 << (len(value) - 1).bit_length()) - len(value))


class _Place(NamedTuple):
    """Where a parameter at some position comes from: a value, or a part of a list."""

    name: str
    write: Convert | None
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class _Compiled:
    """The SQL of a statement, where its parameters come from, and how its rows are read.

    `places` is for a driver that takes parameters by position. `lists` names the parts of each list
    for one that takes them by name.
    """

    sql: str
    places: Sequence[_Place] | None
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
        writes = {
            name: _writer(types[source.get(name, name)], dialect) for name in state.parameters
        }
        columns = [column.type.dialect_impl(dialect) for column in statement.exported_columns]
        reads = [(at, one.result_processor(dialect, None)) for at, one in enumerate(columns)]
        return cls(
            sql=state.statement,
            places=_places(state.positiontup, lists, writes),
            lists=lists,
            constants={
                name: value for name, value in state.parameters.items() if name not in source
            },
            writes=[(name, write) for name, write in writes.items() if write],
            reads=[(at, read) for at, read in reads if read],
        )

    def takes(self, names: Sequence[str]) -> bool:
        """Whether the driver takes the values of these names without conversion."""
        return self.places is not None and [*self.places] == [_Place(name, None) for name in names]

    def bound(self, values: Values) -> Any:
        """The parameters, as the driver takes them."""
        given = {**self.constants, **values}
        return self._named(given) if self.places is None else self._placed(given, self.places)

    def _named(self, given: dict[str, Any]) -> dict[str, Any]:
        for name, parts in self.lists.items():
            given.update(zip(parts, given[name], strict=True))
        for name, write in self.writes:
            given[name] = write(given[name])
        return given

    def _placed(self, given: Values, places: Iterable[_Place]) -> tuple[Any, ...]:
        bound = list[Any]()
        for name, write, is_list in places:
            value = given[name]
            if is_list:
                bound += map(write, value) if write else value
            else:
                bound.append(write(value) if write else value)
        return tuple(bound)

    def read(self, rows: list[Any]) -> list[Any]:
        """Rows with their values as the program has them."""
        if not self.reads:
            return rows
        found = [list(row) for row in rows]
        for row in found:
            for at, read in self.reads:
                row[at] = read(row[at])
        return found


def _places(
    names: Sequence[str] | None,
    lists: Mapping[str, Sequence[str]],
    writes: Mapping[str, Convert | None],
) -> Sequence[_Place] | None:
    """What stands where; the parts of a list stand in its order, and stand for the list."""
    if names is None:
        return None
    firsts = {parts[0]: name for name, parts in lists.items() if parts}
    others = {part for parts in lists.values() for part in parts[1:]}
    return [
        _Place(firsts.get(name, name), writes[name], is_list=name in firsts)
        for name in names
        if name not in others
    ]


def _writer(kind: Any, dialect: Dialect) -> Convert | None:
    """How a value is converted for the driver; bytes are left alone, which both drivers take."""
    return None if isinstance(kind, LargeBinary) else kind.bind_processor(dialect)
