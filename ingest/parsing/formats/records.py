"""JSON and JSON lines as pieces: objects as key paths, arrays of like objects as tables; anchors are JSON pointers."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ingest.intake.charset import decode_text
from ingest.parsing.formats.rows import Region, region_pieces
from ingest.parsing.office.grid import clean_cell
from ingest.parsing.office.pieces import Piece, Reading
from wenyuan.documents import BlockKind, Cell
from wenyuan.errors import FileCorrupt
from wenyuan.text import squeeze

_MAX_LEVEL: Final = 6
_MAX_COLUMNS: Final = 40
_MAX_CELL: Final = 200
_MAX_CELLS: Final = 200_000
_MAX_WARNINGS: Final = 100
_SHORT: Final = 600
_SMALL: Final = 200
_LONG_TEXT: Final = 200
_SHARED: Final = 0.6
_MAX_LABEL: Final = 80
_LABELS: Final = ("title", "标题", "name", "名称", "姓名", "subject", "主题", "question", "问题", "id", "编号")

Place = Callable[[int], str]


def read_json(path: Path) -> Reading:
    """Read a JSON document; numbers stay as written. Raises ``FileCorrupt``."""
    text = _text(path)
    try:
        value = _parse(text)
    except ValueError as error:
        raise FileCorrupt from error
    return Reading(tuple(_value(value, "#", "", 1)))


def read_json_lines(path: Path) -> Reading:
    """Read one record a line; anchors are ``line N``. Warns ``line-invalid:N`` for lines that are not JSON."""
    records: list[tuple[int, Any]] = []
    warnings: list[str] = []
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            records.append((number, _parse(line)))
        except ValueError:
            warnings.append(f"line-invalid:{number}")
    if not records:
        raise FileCorrupt
    numbers = [number for number, _ in records]
    pieces = tuple(_items([value for _, value in records], "", 1, lambda index: f"line {numbers[index]}"))
    return Reading(pieces, None, tuple(warnings[:_MAX_WARNINGS]))


def _text(path: Path) -> str:
    found = decode_text(path.read_bytes())
    if found is None:
        raise FileCorrupt
    return found[0].lstrip("\ufeff").replace("\r\n", "\n")


def _parse(text: str) -> Any:
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def _value(value: Any, pointer: str, name: str, level: int) -> Iterator[Piece]:
    """Yield the pieces of a value; ``name`` is the key path that leads to it from the title above."""
    if isinstance(value, dict):
        yield from _object(value, pointer, name, level)
    elif isinstance(value, list):
        yield from _items(value, name, level, lambda index: f"{pointer}/{index}")
    elif (text := _scalar(value)) != "":
        yield Piece(BlockKind.PARAGRAPH, f"{name}: {text}" if name else text, anchor=pointer)


def _object(value: dict[str, Any], pointer: str, name: str, level: int) -> Iterator[Piece]:
    """Yield the short fields as lines of one block, then each field that takes more room under its own title."""
    lines: list[str] = []
    large: list[tuple[str, str, Any]] = []
    for key, field in value.items():
        path = f"{name}.{key}" if name else key
        if _is_short(field):
            lines += _lines(field, path)
        else:
            large.append((f"{pointer}/{_escaped(key)}", key, field))
    if lines:
        yield Piece(BlockKind.PARAGRAPH, "\n".join(lines), anchor=pointer)
    for place, key, field in large:
        if isinstance(field, str):
            yield Piece(BlockKind.PARAGRAPH, f"{name}.{key}: {field}" if name else f"{key}: {field}", anchor=place)
            continue
        titled = level <= _MAX_LEVEL and squeeze(key)
        if titled:
            yield Piece(BlockKind.TITLE, squeeze(key), level, anchor=place)
        yield from _value(field, place, "" if titled else key, level + 1)


def _items(values: Sequence[Any], name: str, level: int, place: Place) -> Iterator[Piece]:
    """Yield an array: like objects as tables, plain values as a list, anything else one by one."""
    columns = _columns(values)
    if columns:
        yield from _table(values, columns, place)
    elif values and not any(isinstance(value, dict | list) for value in values):
        for index, value in enumerate(values):
            if text := _scalar(value):
                yield Piece(BlockKind.LIST, text, anchor=place(index))
    else:
        yield from _mixed(values, name, level, place)


def _mixed(values: Sequence[Any], name: str, level: int, place: Place) -> Iterator[Piece]:
    """Yield records that are no rows of one table: small ones together, others one by one under their names."""
    small: list[str] = []
    first = size = 0
    for index, value in enumerate(values):
        lines = _lines(value, name) if _is_short(value) and _weight(value, _SMALL) <= _SMALL else []
        if small and (not lines or size > _SHORT):
            yield Piece(BlockKind.PARAGRAPH, "\n\n".join(small), anchor=_span(place(first), place(index - 1)))
            small, size = [], 0
        if lines:
            first = first if small else index
            small.append("\n".join(lines))
            size += len(small[-1])
            continue
        label = _label(value) if level <= _MAX_LEVEL else ""
        if label:
            yield Piece(BlockKind.TITLE, label, level, anchor=place(index))
        yield from _value(value, place(index), name, level + 1 if label else level)
    if small:
        yield Piece(BlockKind.PARAGRAPH, "\n\n".join(small), anchor=_span(place(first), place(len(values) - 1)))


def _span(first: str, last: str) -> str:
    return first if first == last else f"{first}–{last}"


def _label(value: Any) -> str:
    """What a record calls itself, if it takes more room than a few lines: its parts are found under that name."""
    if not isinstance(value, dict) or _weight(value, _SHORT) <= _SHORT:
        return ""
    fields = {key.lower(): field for key, field in value.items() if isinstance(field, str) and squeeze(field)}
    return next((squeeze(fields[key]) for key in _LABELS if len(fields.get(key, "x" * _MAX_CELL)) < _MAX_LABEL), "")


def _columns(values: Sequence[Any]) -> list[str]:
    """Return the keys of objects that are rows of one table: the same keys mostly, short values. Else nothing."""
    if len(values) < 2 or not all(isinstance(value, dict) and value for value in values):
        return []
    columns = list(dict.fromkeys(key for value in values for key in value))
    filled = sum(len(value) for value in values)
    if len(columns) > _MAX_COLUMNS or filled < _SHARED * len(columns) * len(values):
        return []
    fields = [field for value in values for field in value.values()]
    flat = not any(isinstance(field, dict) or (isinstance(field, list) and not _is_flat(field)) for field in fields)
    short = flat and all(len(_flat(field)) <= _MAX_CELL for field in fields)
    return columns if short and len(columns) * len(values) <= _MAX_CELLS else []


def _table(values: Sequence[dict[str, Any]], columns: Sequence[str], place: Place) -> Iterator[Piece]:
    cells = [Cell(0, at, clean_cell(key) or "-", header=True) for at, key in enumerate(columns)]
    for row, value in enumerate(values, 1):
        cells += [Cell(row, at, text) for at, key in enumerate(columns) if (text := clean_cell(_flat(value.get(key))))]

    def anchor(top: int, _left: int, bottom: int, _right: int) -> str:
        # The first row of the region is the head, which has no place of its own.
        return _span(place(max(top - 2, 0)), place(bottom - 2))

    yield from region_pieces(Region(1, 1, tuple(cells)), place=anchor)


def _lines(value: Any, path: str) -> list[str]:
    if isinstance(value, dict):
        return [line for key, field in value.items() for line in _lines(field, f"{path}.{key}" if path else key)]
    if isinstance(value, list) and not _is_flat(value):
        return [line for index, field in enumerate(value) for line in _lines(field, f"{path}[{index}]")]
    text = squeeze(_flat(value))
    return [f"{path}: {text}" if path else text] if text else []


def _is_short(value: Any) -> bool:
    """Tell whether a value is read best beside its siblings."""
    if isinstance(value, str):
        return len(value) <= _LONG_TEXT
    if isinstance(value, dict | list):
        return not _columns(value if isinstance(value, list) else []) and _weight(value, _SHORT) <= _SHORT
    return True


def _weight(value: Any, limit: int) -> int:
    """Count the characters of a value, roughly, and stop beyond ``limit``."""
    if not isinstance(value, dict | list):
        return len(str(value))
    total = 0
    for key, field in value.items() if isinstance(value, dict) else enumerate(value):
        total += len(str(key)) + _weight(field, limit)
        if total > limit:
            break
    return total


def _is_flat(values: list[Any]) -> bool:
    return not any(isinstance(value, dict | list) for value in values)


def _flat(value: Any) -> str:
    return "、".join(map(_scalar, value)) if isinstance(value, list) else _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
