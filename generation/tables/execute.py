"""Plans executed: the numbers of a table in a database in memory, and statements of ours over them.

No word of a question or a table becomes part of a statement: positions and numbers are bound as parameters. The
database opens no file, loads no extension and reaches nothing; it has one thread, little memory and little time.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from generation.tables.plans.limits import meets
from generation.tables.plans.plan import Plan
from generation.tables.reading.asking import Op
from generation.tables.reading.relation import Relation

if TYPE_CHECKING:
    import duckdb

MEMORY: Final = "64MB"
SECONDS: Final = 2.0
_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "memory_limit": MEMORY,
    "threads": 1,
    "temp_directory": "",
    "max_temp_directory_size": "0KB",
}
_DECIMALS: Final = 9
_LARGEST: Final = 1e27

#: Stands for the operands, which are bound.
_FROM: Final = "OPERANDS"
_TWO: Final = "WITH pair AS (SELECT first(n ORDER BY i) AS a, last(n ORDER BY i) AS b FROM OPERANDS) SELECT "
_OVER_CELLS: Final = {
    Op.SUM: "SELECT sum(n) FROM OPERANDS",
    Op.MEAN: "SELECT sum(n)::DOUBLE / count(n) FROM OPERANDS",
    Op.DIFFERENCE: _TWO + "a - b FROM pair",
    Op.GROWTH: _TWO + "(a - b)::DOUBLE / b * 100 FROM pair WHERE b <> 0",
    Op.RATIO: _TWO + "a::DOUBLE / b FROM pair WHERE b <> 0",
    Op.SHARE: _TWO + "a::DOUBLE / b * 100 FROM pair WHERE b <> 0",
}
#: What these come to is in no unit of their operands.
_DIVIDED: Final = frozenset({Op.GROWTH, Op.SHARE, Op.RATIO})
_RANKED: Final = {
    Op.MAX: "SELECT i FROM OPERANDS ORDER BY n DESC, i",
    Op.MIN: "SELECT i FROM OPERANDS ORDER BY n, i",
}


class OutOfReach(Exception):
    """A plan cannot be executed: a cell holds no number, units differ, a division by nothing, or time is over."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A cell that a result rests on, with its number in the unit of the result, None where it is words."""

    row: int
    column: int
    number: Decimal | None
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came out. ``number`` is in ``unit``; ``found`` are the lines that a list or rank tells, best first.

    ``operands`` are the cells it rests on: for a rank those of the lines told, ``over`` counts the lines gone through.
    ``holds``: what a check found.
    """

    plan: Plan
    operands: tuple[Operand, ...]
    number: Decimal | None = None
    unit: str = ""
    found: tuple[int, ...] = ()
    over: int = 0
    holds: bool | None = None


def is_personal(plan: Plan, relation: Relation) -> bool:
    """Whether a plan reckons, ranks or compares with numbers that are somebody's.

    What comes out would tell what the policy on personal data covers where it is quoted.
    """
    if plan.op is Op.LOOKUP:
        return False
    return any(relation.at(row, column).personal for row, column in (*plan.named, *_cells_of(plan)))


def execute(plan: Plan, relation: Relation) -> Result:
    """Execute a plan that fits; raises ``OutOfReach``."""
    if is_personal(plan, relation):
        raise OutOfReach
    if plan.op is Op.LOOKUP:
        return Result(plan, tuple(_operand(relation, row, column) for row, column in plan.cells))
    if plan.op is Op.CHECK:
        return _checked(plan, relation)
    if plan.op in {Op.LIST, Op.COUNT}:
        return _listed(plan, relation)
    if plan.steps:
        return _stepped(plan, relation)
    cells = plan.cells or _cells_of(plan)
    operands = [_operand(relation, row, column) for row, column in cells]
    if plan.op in _RANKED:
        return _ranked(plan, relation, operands)
    if not plan.cells:
        operands = [one for one in operands if one.number is not None]
    unit = _one_unit(relation, operands, plan.op)
    number = _reckoned(operands, plan.op)
    return Result(plan, tuple(operands), abs(number) if plan.magnitude else number, unit, over=len(operands))


def _stepped(plan: Plan, relation: Relation) -> Result:
    """Execute each step, and the operation over what they come to, in one unit."""
    taken = [[_operand(relation, row, column) for row, column in step.cells] for step in plan.steps]
    units = {_one_unit(relation, operands, step.op) for step, operands in zip(plan.steps, taken, strict=True)} - {""}
    kinds = {step.op if step.op in _DIVIDED else None for step in plan.steps}
    if len(units) > 1 or len(kinds) > 1:
        raise OutOfReach
    parts = [
        Operand(-1, -1, _reckoned(operands, step.op), "") for step, operands in zip(plan.steps, taken, strict=True)
    ]
    number = _reckoned(parts, plan.op)
    operands = tuple(one for some in taken for one in some)
    unit = _unit_of(units, plan.op)
    return Result(plan, operands, abs(number) if plan.magnitude else number, unit, over=len(operands))


def _checked(plan: Plan, relation: Relation) -> Result:
    ((row, column),) = plan.cells
    operand = _operand(relation, row, column)
    if plan.limit is None or operand.number is None:
        raise OutOfReach
    return Result(plan, (operand,), holds=meets(plan.limit, relation, row, column))


def _reckoned(operands: Sequence[Operand], op: Op) -> Decimal:
    if not operands or any(one.number is None for one in operands):
        raise OutOfReach
    rows = _run(operands, _OVER_CELLS[op])
    if len(rows) != 1 or rows[0][0] is None:
        raise OutOfReach
    return _decimal(rows[0][0])


def _cells_of(plan: Plan) -> tuple[tuple[int, int], ...]:
    if plan.measure is None:
        return ()
    if plan.along == "rows":
        return tuple((line, plan.measure) for line in plan.lines)
    return tuple((plan.measure, line) for line in plan.lines)


def _listed(plan: Plan, relation: Relation) -> Result:
    show = plan.show if plan.show is not None else relation.labels[0]
    if plan.along == "columns" and plan.measure is not None:
        operands = tuple(_operand(relation, plan.measure, line) for line in plan.lines)
    else:
        operands = tuple(_operand(relation, line, show) for line in plan.lines)
    number = Decimal(len(plan.lines)) if plan.op is Op.COUNT else None
    return Result(plan, operands, number, found=plan.lines, over=len(plan.lines))


def _ranked(plan: Plan, relation: Relation, operands: Sequence[Operand]) -> Result:
    held = [(line, one) for line, one in zip(plan.lines, operands, strict=True) if one.number is not None]
    if not held:
        raise OutOfReach
    _one_unit(relation, [one for _, one in held], plan.op)
    order = [int(row[0]) for row in _run([one for _, one in held], _RANKED[plan.op])]
    last = held[order[min(plan.take, len(order)) - 1]][1].number
    # Those equal to the last one told are told too: none of them is before the other.
    kept = [i for place, i in enumerate(order) if place < plan.take or held[i][1].number == last]
    told = tuple(held[i][0] for i in kept)
    return Result(
        plan, tuple(held[i][1] for i in kept), unit=_unit(relation, held[kept[0]][1]), found=told, over=len(held)
    )


def _operand(relation: Relation, row: int, column: int) -> Operand:
    place = relation.at(row, column)
    number = None if place.number is None or abs(place.number) >= _LARGEST else _decimal(place.number)
    return Operand(row, column, number, place.text)


def _unit(relation: Relation, operand: Operand) -> str:
    return relation.at(operand.row, operand.column).unit


def _one_unit(relation: Relation, operands: Sequence[Operand], op: Op) -> str:
    """Return the unit that operands share; raises ``OutOfReach`` where they have different ones.

    A cell without a unit beside cells with one is read in theirs, as statements of money write the sign once.
    """
    units = {_unit(relation, one) for one in operands} - {""}
    if len(units) > 1:
        raise OutOfReach
    return _unit_of(units, op)


def _unit_of(units: set[str], op: Op) -> str:
    if op in {Op.GROWTH, Op.SHARE}:
        return "%"
    return "" if op is Op.RATIO else next(iter(units), "")


def _decimal(number: float | Decimal) -> Decimal:
    return number if isinstance(number, Decimal) else Decimal(repr(round(float(number), _DECIMALS)))


def _run(operands: Sequence[Operand], statement: str) -> list[tuple[Any, ...]]:
    """Run a statement over operands, which it finds bound as a relation; nothing is kept behind it."""
    pairs = ", ".join(["(CAST(? AS INTEGER), CAST(? AS DECIMAL(38, 9)))"] * len(operands))
    bound = [value for i, one in enumerate(operands) for value in (i, one.number)]
    cursor = _database().cursor()
    timer = threading.Timer(SECONDS, cursor.interrupt)
    timer.start()
    try:
        rows: list[tuple[Any, ...]] = cursor.execute(
            statement.replace(_FROM, f"(VALUES {pairs}) AS operand(i, n)"), bound
        ).fetchall()
    except _error() as error:
        raise OutOfReach from error
    finally:
        timer.cancel()
        cursor.close()
    return rows


@cache
def _database() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(":memory:", config=_CONFIG)
    connection.execute("SET lock_configuration = true")
    return connection


def _error() -> type[Exception]:
    import duckdb

    error: type[Exception] = duckdb.Error
    return error
