"""Queries that every request asks: put into SQL once in a process, then only filled in.

Django takes several times as long to write such a query as the database takes to answer it.
Nothing of an answer is kept: each asks the database.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Final, Generic, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet
from django.db.transaction import TransactionManagementError

M_co = TypeVar("M_co", bound=Model, covariant=True)
R_co = TypeVar("R_co", covariant=True)
_MOST_IN_A_LIST: Final = 16  # longer lists come in too many lengths to keep a query for each


@dataclass(frozen=True, slots=True)
class _Written:
    """A query in SQL; ``places`` are its parameters, each a constant or which value goes there."""

    queryset: QuerySet[Any, Any]
    compiler: Any
    sql: str
    converters: Any
    places: tuple[tuple[Any, str, int], ...]  # constant, or name and position in a list


@dataclass(slots=True)
class Prepared(Generic[M_co, R_co]):
    """A query with places for values: ``build`` makes it of keys, texts, dates, numbers, or lists.

    The values may be filled in only: ``build`` must not look at them, and a query must not depend
    on anything else that changes.
    """

    build: Callable[..., QuerySet[M_co, R_co]]
    _written: dict[tuple[Any, ...], _Written] = field(default_factory=dict)

    def rows(self, **values: Any) -> list[R_co]:
        """What the query finds at this moment, with these values."""
        shape = tuple(map(_shape, values.values()))
        if any(length > _MOST_IN_A_LIST for _, length in shape):
            return list(self.build(**values))
        written = self._written.get((connections["default"].vendor, *shape))
        if written is None:
            try:
                written = self._write(values)
            except EmptyResultSet:  # an empty list: nothing can be found
                return []
            self._written[(connections["default"].vendor, *shape)] = written
        return _ask(written, values)

    def first(self, **values: Any) -> R_co | None:
        """The first of what it finds, if any."""
        return next(iter(self.rows(**values)), None)

    def _write(self, values: dict[str, Any]) -> _Written:
        """Write the query with marks in place of the values, and see where they come out.

        Raises:
            TypeError: one does not come out as it is.

        """
        connection: Any = connections["default"]
        marks = {name: _mark(value, place) for place, (name, value) in enumerate(values.items())}
        found = {
            _adapted(mark, connection): (None, name, position)
            for name, each in marks.items()
            for position, mark in enumerate(each if isinstance(each, list) else [each])
        }
        queryset = self.build(**marks)
        compiler: Any = queryset.query.get_compiler("default")
        sql, parameters = compiler.as_sql()
        if not set(found) <= set(parameters):
            raise TypeError(f"cannot be filled in: {sql}")
        converters = compiler.get_converters([each[0] for each in compiler.select])
        places = tuple(found.get(each, (each, "", 0)) for each in parameters)
        return _Written(queryset, compiler, sql, converters, places)


def _ask(written: _Written, values: dict[str, Any]) -> list[Any]:
    """Run the query on this thread's connection, and make of the rows what Django makes of them."""
    connection: Any = connections["default"]
    query: Any = written.queryset.query
    locks = query.select_for_update and connection.features.has_select_for_update
    if locks and not connection.in_atomic_block:
        raise TransactionManagementError("rows are locked in transactions only")
    filled = [
        _adapted(values[name][at] if isinstance(values[name], list) else values[name], connection)
        if name
        else constant
        for constant, name, at in written.places
    ]
    compiler = copy(written.compiler)
    compiler.connection = connection
    compiler.as_sql = lambda: (written.sql, filled)
    compiler.get_converters = lambda _fields: written.converters
    asked: Any = SimpleNamespace(
        db="default",
        model=written.queryset.model,
        query=SimpleNamespace(
            get_compiler=lambda *_, **__: compiler,
            extra_select=query.extra_select,
            values_select=query.values_select,
            annotation_select=query.annotation_select,
        ),
        _fields=written.queryset._fields,  # type: ignore[attr-defined]
        _known_related_objects={},
    )
    as_usual: Any = written.queryset._iterable_class  # noqa: SLF001 (as Django)
    return list(as_usual(asked))


def _shape(value: Any) -> tuple[type, int]:
    """Of what kind a value is; and its length if it is a list, which queries name one by one."""
    if isinstance(value, list):
        return _kind(value[0]) if value else str, len(value)
    return _kind(value), -1


def _kind(value: Any) -> type:
    kind = next((each for each in (UUID, str, date, int) if isinstance(value, each)), None)
    if kind is None or isinstance(value, datetime | bool):
        raise TypeError(f"cannot be filled in: {type(value).__name__}")
    return kind


def _mark(value: Any, place: int) -> Any:
    """A value like this one that no query holds."""
    if isinstance(value, list):
        return [_mark(each, 100 * place + position) for position, each in enumerate(value)]
    marks: dict[type, Any] = {
        UUID: uuid4(),
        str: uuid4().hex,
        date: date(1000 + place, 1, 1),
        int: 1_900_000_000 + place,
    }
    return marks[_kind(value)]


def _adapted(value: Any, connection: Any) -> Any:
    """A value as its database takes it."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value if isinstance(value, int) else str(value)
