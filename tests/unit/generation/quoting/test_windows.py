"""What of long passages is read."""

from generation.reader.windows import windows
from generation.units import units_of
from tests.unit.generation.passages import HOTEL, TRAVEL, passage

LONG = "".join(f"第{n}条规定了第{n}件事情的办理时限和责任部门以及相关的审批流程。" for n in range(1, 41))


def test_windows_grow_around_the_best_units_and_do_not_overlap() -> None:
    units = units_of(0, passage(LONG))
    found = windows(units, [20, 21, 5], 2)
    assert [w.source for w in found] == [0, 0]
    assert found[0].start <= units[20].start < units[20].end <= found[0].end
    assert found[0].start <= units[21].start, "it was taken into the first window"
    assert found[1].start <= units[5].start < units[5].end <= found[1].end
    assert found[1].end <= found[0].start
    for window in found:
        assert window.end - window.start <= 180
        assert {window.start, window.end} <= {u.start for u in units} | {u.end for u in units}


def test_a_short_passage_is_one_window() -> None:
    units = units_of(0, passage(TRAVEL))
    (only,) = windows(units, range(len(units)), 3)
    assert (only.start, only.end) == (units[0].start, units[-1].end)


def test_rows_of_tables_are_not_read() -> None:
    units = units_of(0, passage(HOTEL))
    found = windows(units, range(len(units)), 5)
    assert all("|" not in HOTEL[w.start : w.end] for w in found)


def test_passages_are_not_joined() -> None:
    units = [*units_of(0, passage(TRAVEL, "a")), *units_of(1, passage("标准为每天 80 元。", "b"))]
    found = windows(units, [len(units) - 1, 0], 3)
    assert [w.source for w in found] == [1, 0]
