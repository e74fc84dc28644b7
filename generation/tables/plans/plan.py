"""The plan language: what is done with which cells of which table. Rules write plans, and models may propose them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from generation.tables.reading.asking import Comparison, Op
from generation.tables.reading.relation import Relation

Along = Literal["rows", "columns"]
#: Cells that one plan may name.
MAX_OPERANDS: Final = 64
_PAIRS: Final = frozenset({Op.DIFFERENCE, Op.GROWTH, Op.RATIO, Op.SHARE})

_OVER_LINES: Final = frozenset({Op.LIST, Op.COUNT, Op.SUM, Op.MEAN, Op.MAX, Op.MIN})
_MANY: Final = frozenset({Op.SUM, Op.MEAN})
#: Steps of one plan.
MAX_STEPS: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """An operand that is reckoned itself: a sum or mean of cells, or what is done with two of them."""

    op: Op
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done.

    Either ``cells`` are named, as (row, column), and the operation takes them in their order, the first less the
    second, or by the second; or it takes what ``steps`` come to; or ``lines`` are gone through.

    ``along`` says of what the lines are: rows, whose value is in the column ``measure``, or columns, whose value is in
    the row ``measure``. ``show`` is the column (or row) of which the text is told of the lines found, ``take`` is how
    many are wanted of the highest or lowest. ``magnitude``: the sign of a difference is not asked for. ``limit`` is
    what the one cell of a check is compared with; no model proposes one.
    """

    op: Op
    table: int = 0
    cells: tuple[tuple[int, int], ...] = ()
    lines: tuple[int, ...] = ()
    along: Along = "rows"
    measure: int | None = None
    show: int | None = None
    take: int = 1
    magnitude: bool = False
    steps: tuple[Step, ...] = ()
    limit: Comparison | None = None

    @property
    def named(self) -> tuple[tuple[int, int], ...]:
        """The cells that are named, in their order: its own, or those of its steps."""
        return self.cells or tuple(cell for step in self.steps for cell in step.cells)


Cells = Annotated[tuple[tuple[int, int], ...], Field(max_length=MAX_OPERANDS)]


@dataclass(frozen=True, slots=True)
class ProposedStep:
    """A step as a model writes it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    op: Op
    cells: Cells


@dataclass(frozen=True, slots=True)
class Proposed:
    """A plan as a model writes it; rows and columns are numbered from 0 as the table is shown to it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    op: Op
    table: Annotated[int, Field(ge=0)] = 0
    cells: Cells = ()
    lines: Annotated[tuple[int, ...], Field(max_length=500)] = ()
    along: Along = "rows"
    measure: int | None = None
    show: int | None = None
    take: Annotated[int, Field(ge=1, le=50)] = 1
    steps: Annotated[tuple[ProposedStep, ...], Field(max_length=MAX_STEPS)] = ()


@cache
def _reader() -> TypeAdapter[Proposed]:
    """Build the validator when a plan is first read: not while the product starts."""
    return TypeAdapter(Proposed)


_NUMBERS: Final[Mapping[str, Any]] = {"type": "array", "items": {"type": "integer"}}
_CELLS: Final[Mapping[str, Any]] = {"type": "array", "items": _NUMBERS}
_STEP: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {"op": {"type": "string", "enum": sorted({*_MANY, *_PAIRS})}, "cells": _CELLS},
    "required": ["op", "cells"],
    "additionalProperties": False,
}
_PROPERTIES: Final[Mapping[str, Any]] = {
    "op": {"type": "string", "enum": [*(op for op in Op if op is not Op.CHECK), "none"]},
    "table": {"type": "integer"},
    "cells": _CELLS,
    "lines": _NUMBERS,
    "along": {"type": "string", "enum": list(get_args(Along))},
    "measure": {"type": ["integer", "null"]},
    "show": {"type": ["integer", "null"]},
    "take": {"type": "integer"},
    "steps": {"type": "array", "items": _STEP},
}
#: What an endpoint is asked for: in the subset of JSON schema that those who enforce one know, all fields required.
PLAN_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": _PROPERTIES,
    "required": list(_PROPERTIES),
    "additionalProperties": False,
}


def read_plan(proposed: str, tables: Sequence[Relation]) -> Plan | None:
    """Return a proposed plan where it is one and fits the tables, else None."""
    try:
        read = _reader().validate_json(proposed, strict=True)
    except ValidationError:
        return None
    steps = tuple(Step(one.op, one.cells) for one in read.steps)
    plan = Plan(
        read.op, read.table, read.cells, read.lines, read.along, read.measure, read.show, read.take, steps=steps
    )
    return plan if fits(plan, tables) else None


def fits(plan: Plan, tables: Sequence[Relation]) -> bool:
    """Whether the operation has the operands that it needs, and each is a cell of the table below its head."""
    if plan.table >= len(tables) or plan.along not in get_args(Along):
        return False
    relation = tables[plan.table]
    rows = {row.index for row in relation.rows}
    columns = set(range(relation.table.columns))
    if any(row not in rows or column not in columns for row, column in plan.named):
        return False
    if plan.steps:
        return _steps_fit(plan)
    lines, across = (rows, columns) if plan.along == "rows" else (columns, rows | set(range(relation.head)))
    if not set(plan.lines) <= lines or not {plan.measure, plan.show} <= across | {None}:
        return False
    if plan.op is Op.CHECK:
        return plan.limit is not None and len(plan.cells) == 1
    if plan.cells:
        return plan.op is Op.LOOKUP or _takes(plan.op, plan.cells)
    if not plan.lines or plan.op not in _OVER_LINES:
        return False
    return plan.measure is not None or plan.op in {Op.LIST, Op.COUNT}


def _steps_fit(plan: Plan) -> bool:
    """Whether steps are all that a plan names, and each of them and what is done with them has its operands."""
    if plan.cells or plan.lines or not _takes(plan.op, plan.steps):
        return False
    return all(_takes(step.op, step.cells) for step in plan.steps)


def _takes(op: Op, operands: Sequence[object]) -> bool:
    """Whether an operation reckons with these: two that differ, or any number, each once."""
    wanted = len(operands) == 2 if op in _PAIRS else op in _MANY and len(operands) > 0
    return wanted and len(set(operands)) == len(operands)
