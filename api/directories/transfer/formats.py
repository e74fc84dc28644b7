r"""JSON and CSV of the directory, both ways.

CSV is one table: a line a record, a line a member. Cells that a spreadsheet would take for a formula begin with an
apostrophe, which is taken off again; lists are parted by semicolons, a semicolon within is written ``\;``.
"""

import csv
import dataclasses
import io
import json
from collections.abc import Mapping
from typing import Any, Final

from api.directories.transfer.records import LISTS, Read, Wrong
from wenyuan.people.listing import FORMAT, Listing
from wenyuan.text import FORMULA_STARTS

MAX_RECORDS: Final = 500_000
_SECTIONS: Final = {"departments": "department", "users": "user", "groups": "group"}
COLUMNS: Final = (
    "record",
    "name",
    "title",
    "parent",
    "display_name",
    "active",
    "employment",
    "clearance",
    "valid_from",
    "valid_until",
    "roles",
    "company_roles",
    "compartments",
    "departments",
    "directory",
    "external_id",
    "profile",
    "member_kind",
    "member",
)
_RISKY: Final = (*FORMULA_STARTS, "'")
_NUMBERS: Final = frozenset({"clearance", "valid_from", "valid_until"})


def to_json(listing: Listing) -> str:
    """Return the directory as JSON."""
    body = {"format": FORMAT} | {
        section: [dataclasses.asdict(one) for one in getattr(listing, section)] for section in _SECTIONS
    }
    return json.dumps(body, ensure_ascii=False, indent=1) + "\n"


def from_json(text: str) -> Read:
    """Return the records of a JSON export."""
    read = Read()
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        read.wrong.append(Wrong(1, "shape", "JSON"))
        return read
    if not isinstance(body, dict) or body.get("format") != FORMAT or set(body) - {"format", *_SECTIONS}:
        read.wrong.append(Wrong(1, "shape", f"format: {FORMAT}"))
        return read
    for section, kind in _SECTIONS.items():
        listed = body.get(section, [])
        if not isinstance(listed, list) or len(listed) > MAX_RECORDS:
            read.wrong.append(Wrong(1, "shape", section))
            continue
        for number, one in enumerate(listed, 1):
            if isinstance(one, dict):
                read.take(number, kind, one)
            else:
                read.wrong.append(Wrong(number, "shape", section))
    return read


def to_csv(listing: Listing) -> str:
    """Return the directory as CSV, with a byte order mark: spreadsheets take it for another encoding otherwise."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for section, kind in _SECTIONS.items():
        for one in getattr(listing, section):
            fields = {field.name: getattr(one, field.name) for field in dataclasses.fields(one)}
            users, groups = fields.pop("users", ()), fields.pop("groups", ())
            writer.writerow(_row({"record": kind} | fields))
            for member_kind, members in (("user", users), ("group", groups)):
                for name in members:
                    writer.writerow(
                        _row({"record": "member", "name": one.name, "member_kind": member_kind, "member": name})
                    )
    return "\ufeff" + written.getvalue()


def from_csv(text: str) -> Read:
    """Return the records of a CSV export; columns may be left out and stand in any order."""
    read = Read()
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    groups: dict[str, tuple[int, dict[str, Any]]] = {}
    try:
        unknown = set(rows.fieldnames or ()) - set(COLUMNS)
        if unknown or "record" not in (rows.fieldnames or ()):
            read.wrong.append(Wrong(1, "shape", ", ".join(sorted(unknown)) or "record"))
            return read
        for row in rows:
            if rows.line_num > MAX_RECORDS:
                read.wrong.append(Wrong(rows.line_num, "shape", f"> {MAX_RECORDS}"))
                return read
            _take_row(read, groups, rows.line_num, row)
    except csv.Error as error:
        read.wrong.append(Wrong(rows.reader.line_num, "shape", f"CSV: {error}"[:120]))
        return read
    for line, fields in groups.values():
        read.take(line, "group", fields)
    return read


def _take_row(read: Read, groups: dict[str, tuple[int, dict[str, Any]]], line: int, row: Mapping[Any, Any]) -> None:
    if None in row or None in row.values():
        read.wrong.append(Wrong(line, "shape", "CSV"))
        return
    cells = {key: _plain(cell) for key, cell in row.items() if cell != ""}
    kind = cells.pop("record", "")
    if kind == "member":
        held = groups.get(cells.get("name", ""))
        part = {"user": "users", "group": "groups"}.get(cells.get("member_kind", ""))
        if held is None or part is None or set(cells) != {"name", "member_kind", "member"}:
            read.wrong.append(Wrong(line, "shape", "member"))
        else:
            held[1].setdefault(part, []).append(cells["member"])
        return
    if kind not in _SECTIONS.values():
        read.wrong.append(Wrong(line, "shape", f"record: {kind}"[:80]))
        return
    fields = {key: _typed(key, cell) for key, cell in cells.items()}
    if kind == "group" and isinstance(fields.get("name"), str) and fields["name"] not in groups:
        groups[fields["name"]] = line, fields
    else:
        read.take(line, kind, fields)


def _typed(key: str, cell: str) -> Any:
    """Return a cell in its type; one that does not fit stays text and is found wrong later."""
    if key in LISTS:
        return _split(cell)
    if key == "active":
        return {"true": True, "false": False}.get(cell.lower(), cell)
    if key in _NUMBERS:
        try:
            number = float(cell)
        except ValueError:
            return cell
        return int(number) if key == "clearance" and number.is_integer() else number
    if key == "profile":
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return cell


def _split(cell: str) -> list[str]:
    """Part a cell at its semicolons; a backslash takes the next character as it is."""
    found, one, escaped = [], "", False
    for char in cell:
        if char == "\\" and not escaped:
            escaped = True
        elif char == ";" and not escaped:
            found.append(one)
            one = ""
        else:
            one += char
            escaped = False
    return [*found, one]


def _row(fields: Mapping[str, Any]) -> list[str]:
    return [_safe(_cell(fields.get(column))) for column in COLUMNS]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float():
            return repr(value)
        case tuple() | list():
            return ";".join(one.replace("\\", "\\\\").replace(";", "\\;") for one in value)
        case dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
        case _:
            return str(value)


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RISKY) else cell


def _plain(cell: str) -> str:
    return cell.removeprefix("'")
