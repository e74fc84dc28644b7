"""The database behind plans: closed to files, extensions and changes of its settings; wrong plans come to nothing."""

import duckdb
import pytest

from generation.tables.execute import OutOfReach, _database, execute
from generation.tables.plans.plan import Plan, Step, fits, read_plan
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
    assert read_plan('{"op": "lookup", "cells": [[1, 1]]}', [MIXED]) == Plan(Op.LOOKUP, cells=((1, 1),))


@pytest.mark.parametrize(
    "proposed",
    [
        '{"op": "lookup", "cells": [[1, 1]], "sql": "DROP TABLE x"}',
        '{"op": "lookup", "cells": [["1; DROP TABLE x", 1]]}',
        '{"op": "lookup", "cells": [[true, 1]]}',
        '{"op": "sum", "cells": [[1, 99], [2, 1]]}',
        '{"op": "ratio", "cells": [[1, 1]]}',
        '{"op": "drop"}',
        '{"op": "none"}',
        '{"op": "sum", "steps": [{"op": "lookup", "cells": [[1, 1]]}]}',
        '{"op": "difference", "steps": [{"op": "sum", "cells": [[1, 1]]}]}',
        '{"op": "sum", "cells": [[1, 1]], "steps": [{"op": "sum", "cells": [[1, 1]]}]}',
        '{"op": "sum", "cells": [' + "[1, 1]," * 64 + "[1, 1]]}",
        "[" * 5000,
        "no plan",
    ],
)
def test_what_is_no_plan_for_the_tables_is_none(proposed: str) -> None:
    assert read_plan(proposed, [MIXED]) is None


def test_steps_are_reckoned_before_what_is_done_with_them() -> None:
    table = relation(
        "项目 | 2021年 | 2022年 | 2023年", "收入 | 10 | 20 | 40", "成本 | 4 | 8 | 10", "比例 | 5% | 6% | 7%"
    )
    means = (Step(Op.MEAN, ((1, 2), (1, 3))), Step(Op.MEAN, ((1, 1), (1, 2))))
    assert execute(Plan(Op.DIFFERENCE, steps=means), table).number == 15
    grown = (Step(Op.SUM, ((1, 3), (2, 3))), Step(Op.SUM, ((1, 1), (2, 1))))
    result = execute(Plan(Op.RATIO, steps=grown), table)
    assert result.number is not None
    assert [float(result.number), len(result.operands)] == pytest.approx([50 / 14, 4])
    with pytest.raises(OutOfReach):
        execute(Plan(Op.SUM, steps=(Step(Op.SUM, ((1, 1),)), Step(Op.SUM, ((2, 1),)))), MIXED)
