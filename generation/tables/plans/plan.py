"""The plan language: what is done with which cells of which table. Rules write plans, and models may propose them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from generation.tables.reading.asking import Op
from generation.tables.reading.relation import Relation

Along = Literal["rows", "columns"]
#: Cells that one plan may name.
MAX_OPERANDS: Final = 64
_PAIRS: Final = frozenset({Op.DIFFERENCE, Op.GROWTH, Op.RATIO, Op.SHARE})

_OVER_LINES: Final = frozenset({Op.LIST, Op.COUNT, Op.SUM, Op.MEAN, Op.MAX, Op.MIN})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done.

    Either ``cells`` are named, as (row, column), and the operation takes them in their order, the first less the
    second, or by the second; or ``lines`` are gone through.

    ``along`` says of what the lines are: rows, whose value is in the column ``measure``, or columns, whose value is in
    the row ``measure``. ``show`` is the column (or row) of which the text is told of the lines found, ``take`` is how
    many are wanted of the highest or lowest. ``magnitude``: the sign of a difference is not asked for.
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


class Proposed(BaseModel):
    """A plan as a model writes it; rows and columns are numbered from 0 as the table is shown to it."""

    model_config = ConfigDict(extra="forbid")

    op: Op
    table: int = Field(default=0, ge=0)
    cells: list[tuple[int, int]] = Field(default_factory=list, max_length=MAX_OPERANDS)
    lines: list[int] = Field(default_factory=list, max_length=500)
    along: Along = "rows"
    measure: int | None = None
    show: int | None = None
    take: int = Field(default=1, ge=1, le=50)


def plan_schema() -> dict[str, Any]:
    """Return the JSON schema of a proposed plan."""
    return Proposed.model_json_schema()


def read_plan(proposed: str | Mapping[str, Any], tables: Sequence[Relation]) -> Plan | None:
    """Return a proposed plan where it is one and fits the tables, else None."""
    try:
        if isinstance(proposed, str):
            read = Proposed.model_validate_json(proposed)
        else:
            read = Proposed.model_validate(dict(proposed))
    except ValidationError:
        return None
    plan = Plan(
        read.op, read.table, tuple(read.cells), tuple(read.lines), read.along, read.measure, read.show, read.take
    )
    return plan if fits(plan, tables) else None


def fits(plan: Plan, tables: Sequence[Relation]) -> bool:
    """Whether the operation has the operands that it needs, and each is a cell of the table below its head."""
    if plan.table >= len(tables) or plan.along not in get_args(Along):
        return False
    relation = tables[plan.table]
    rows = {row.index for row in relation.rows}
    columns = set(range(relation.table.columns))
    if any(row not in rows or column not in columns for row, column in plan.cells):
        return False
    lines, across = (rows, columns) if plan.along == "rows" else (columns, rows | set(range(relation.head)))
    if not set(plan.lines) <= lines or not {plan.measure, plan.show} <= across | {None}:
        return False
    if plan.cells:
        wanted = len(plan.cells)
        return wanted == 2 if plan.op in _PAIRS else plan.op in {Op.LOOKUP, Op.SUM, Op.MEAN} and wanted > 0
    if not plan.lines or plan.op not in _OVER_LINES:
        return False
    return plan.measure is not None or plan.op in {Op.LIST, Op.COUNT}
