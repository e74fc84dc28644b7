"""The database behind plans: closed to files, extensions and changes of its settings; wrong plans come to nothing."""

import duckdb
import pytest

from generation.tables.execute import OutOfReach, _database, execute
from generation.tables.plans.plan import Plan, fits, plan_schema, read_plan
from generation.tables.reading.asking import Op
from tests.unit.generation.tables.tables import relation

MIXED = relation("项目 | 数额 | 单位", "铜 | 5kg | 公斤", "铝 | 3元 | 元", "铁 | 0 | 公斤")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        "ATTACH '/tmp/other.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET threads = 8",
    ],
)
def test_database_reaches_nothing(statement: str) -> None:
    with pytest.raises(duckdb.Error):
        _database().cursor().execute(statement)


def test_other_units_are_not_reckoned_together() -> None:
    with pytest.raises(OutOfReach):
        execute(Plan(Op.SUM, cells=((1, 1), (2, 1))), MIXED)


def test_nothing_is_divided_by_nothing() -> None:
    with pytest.raises(OutOfReach):
        execute(Plan(Op.RATIO, cells=((1, 1), (3, 1))), MIXED)


def test_plans_that_do_not_fit_are_none() -> None:
    assert fits(Plan(Op.LOOKUP, cells=((1, 1),)), [MIXED])
    assert not fits(Plan(Op.LOOKUP, cells=((0, 1),)), [MIXED])
    assert not fits(Plan(Op.LOOKUP, table=1, cells=((1, 1),)), [MIXED])
    assert not fits(Plan(Op.MAX, lines=(1, 2)), [MIXED])
    assert read_plan({"op": "lookup", "cells": [[1, 1]], "sql": "DROP TABLE x"}, [MIXED]) is None
    assert set(plan_schema()["properties"]) >= {"op", "table", "cells", "lines", "measure"}
