# ruff: noqa: SLF001
"""RTF as pieces. Reference: Rich Text Format Specification 1.9.1."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ingest.parsing.formats.inline import MAX_TARGET
from ingest.parsing.formats.rtf.grids import CellShape, Row, make_grid
from ingest.parsing.formats.rtf.tokens import Token, tokens
from ingest.parsing.formats.rtf.words import (
    BULLET,
    CODE_PAGES,
    HYPERLINK,
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_FIGURES,
    MAX_ROWS,
    NEAR_WHITE,
    RUNNING,
    SHOWN,
    SIGNS,
    SKIPPED,
    STYLE_LEVEL,
    TINY_HALF_POINTS,
    TITLE_STYLES,
)
from ingest.parsing.office.grid import table_text
from ingest.parsing.office.headings import recover_headings
from ingest.parsing.office.pieces import Piece, Reading, first_title
from wenyuan.documents import BlockKind, Hidden, Link
from wenyuan.errors import FileCorrupt, FileUnsafe
from wenyuan.text import squeeze


@dataclass(slots=True)
class _State:
    """What a group inherits and gives back."""

    place: str = "body"
    encoding: str = "cp1252"
    fallback: int = 1
    hidden: bool = False
    deleted: bool = False
    bold: bool = False
    size: int = 24
    colour: int = 0
    shaded: bool = False
    target: str = ""


def read_rtf(path: Path) -> Reading:
    """Read an RTF file; the title is that of its properties, else a leading heading. Raises ``FileCorrupt``."""
    return read_rtf_bytes(path.read_bytes())


def read_rtf_bytes(data: bytes) -> Reading:
    """Read RTF; raises ``FileCorrupt`` for anything else and ``FileUnsafe`` for groups nested too deep."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise FileCorrupt
    reader = _Reader()
    for token in tokens(data):
        reader.take(token)
    pieces = recover_headings(reader.finish())
    # A title that its writer could not spell in the code page is written with question marks.
    named = squeeze(reader.title) if reader.title.strip("? ") else ""
    return Reading(tuple(pieces), named or first_title(pieces))


class _Reader:
    """Takes tokens one by one and gathers pieces."""

    def __init__(self) -> None:
        self.title = ""
        self._pieces: list[Piece] = []
        self._behind: list[Piece] = []
        self._stack: list[_State] = []
        self._state = _State()
        self._starred = False
        self._bytes = bytearray()
        self._skip = 0
        self._default = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._colours: list[list[int]] = [[0, 0, 0]]
        self._styles: dict[int, int] = {}
        self._style = -1
        self._style_name = ""
        self._instruction = ""
        self._rows: list[Row] = []
        self._row = Row()
        self._shape = CellShape()
        self._cell = ""
        self._images = 0
        self._new_paragraph()

    def _new_paragraph(self) -> None:
        self._text: list[str] = []
        self._length = 0
        self._concealed: dict[Hidden, list[str]] = {}
        self._links: list[Link] = []
        self._mark = ""
        self._bold_chars = 0
        self._sizes: dict[int, int] = {}

    # --- tokens -------------------------------------------------------------------------------------------------

    def take(self, token: Token) -> None:
        """Take the next token of the file."""
        if token.kind == "bytes":
            data = token.data
            if self._skip:
                used = min(self._skip, len(data))
                self._skip -= used
                data = data[used:]
            if self._state.place != "skip":
                self._bytes += data
            return
        self._decode()
        if token.kind == "open":
            if len(self._stack) >= MAX_DEPTH:
                raise FileUnsafe(reason="RTF nesting depth")
            self._stack.append(replace(self._state))
            self._starred = False
        elif token.kind == "close":
            self._close()
        elif token.kind == "char":
            self._emit(token.word)
        else:
            self._word(token.word, token.number)

    def finish(self) -> list[Piece]:
        """Return all pieces; a file that is cut off gives what it has."""
        self._decode()
        self._end_paragraph()
        self._end_table()
        return self._pieces

    def _close(self) -> None:
        if not self._stack:
            return
        inner, self._state = self._state, self._stack.pop()
        self._skip = 0
        if inner.place == self._state.place:
            return
        if inner.place == "style":
            self._end_style()
        elif inner.place == "instruction":
            found = HYPERLINK.search(self._instruction)
            self._state.target = found[1][:MAX_TARGET] if found else self._state.target
            self._instruction = ""
        elif inner.place in ("note", *RUNNING):
            self._end_aside(inner.place)

    def _decode(self) -> None:
        if self._bytes:
            data, self._bytes = bytes(self._bytes), bytearray()
            self._emit(data.decode(self._state.encoding, "replace"))

    def _word(self, word: str, number: int | None) -> None:
        if word == "*":
            self._starred = True
            return
        starred, self._starred = self._starred, False
        if self._skip and word not in ("u", "par", "cell", "row"):
            self._skip -= 1
            return
        if self._state.place == "skip":
            return
        if self._destination(word, starred=starred):
            return
        handler = _WORDS.get(word)
        if handler is not None:
            handler(self, number)
        elif word in SIGNS:
            self._emit(SIGNS[word])

    def _destination(self, word: str, *, starred: bool) -> bool:
        """Enter a destination; an unknown one behind a star is skipped, as its writer asks."""
        places = {"fonttbl": "fonts", "stylesheet": "styles", "info": "info", "fldinst": "instruction", "pict": "skip"}
        if word == "colortbl":
            self._state.place = "colours"
            self._colours = [[0, 0, 0]]
        elif word in places:
            self._state.place = places[word]
            if word == "pict":
                self._images += 1
                if self._images <= MAX_FIGURES:
                    self._behind.append(Piece(BlockKind.FIGURE, "", media=f"image:{self._images}"))
        elif word == "title" and self._state.place == "info":
            self._state.place = "title"
        elif word in ("footnote", *RUNNING):
            self._begin_aside("note" if word == "footnote" else word)
        elif word in SKIPPED or (starred and word not in SHOWN):
            self._state.place = "skip"
        elif word in ("listtext", "pntext"):
            self._state.place = "mark"
        else:
            return False
        return True

    # --- text ---------------------------------------------------------------------------------------------------

    def _emit(self, text: str) -> None:
        place = self._state.place
        if place == "title":
            self.title += text
        elif place == "instruction":
            self._instruction += text
        elif place == "mark":
            self._mark += text
        elif place in ("styles", "style"):
            self._style_name += text
        elif place == "colours":
            self._colours.extend([0, 0, 0] for _ in range(text.count(";")) if len(self._colours) < 1_000)
        elif place in ("body", "note", *RUNNING) and not self._state.deleted:
            self._say(text)

    def _say(self, text: str) -> None:
        why = self._hidden()
        if why is not None:
            self._concealed.setdefault(why, []).append(text)
            return
        visible = len(text.strip())
        self._bold_chars += visible if self._state.bold else 0
        self._sizes[self._state.size] = self._sizes.get(self._state.size, 0) + visible
        if self._state.target and visible:
            last = self._links[-1] if self._links else None
            if last is not None and last.end == self._length and last.target == self._state.target:
                self._links[-1] = Link(last.start, self._length + len(text), last.target)
            else:
                self._links.append(Link(self._length, self._length + len(text), self._state.target))
        self._text.append(text)
        self._length += len(text)

    def _hidden(self) -> Hidden | None:
        if self._state.hidden:
            return Hidden.MARKED
        if self._state.size < TINY_HALF_POINTS:
            return Hidden.TINY
        known = 0 < self._state.colour < len(self._colours)
        if known and not self._state.shaded and not self._row.shapes:
            return Hidden.COLOUR if min(self._colours[self._state.colour]) >= NEAR_WHITE else None
        return None

    def _begin_aside(self, place: str) -> None:
        self._state.place = place
        self._outer = (
            self._text,
            self._length,
            self._links,
            self._mark,
            self._bold_chars,
            self._sizes,
            self._concealed,
        )
        self._new_paragraph()

    def _end_aside(self, place: str) -> None:
        text = _whole(self._text)
        kind = RUNNING.get(place, BlockKind.FOOTNOTE)
        if text.strip():
            self._behind.append(Piece(kind, squeeze(text)))
        (self._text, self._length, self._links, self._mark, self._bold_chars, self._sizes, self._concealed) = (
            self._outer
        )

    # --- paragraphs and tables ----------------------------------------------------------------------------------

    def _end_paragraph(self) -> None:
        if self._state.place in ("note", *RUNNING):
            self._text.append("\n")
            return
        if self._in_table and self._length:
            self._text.append("\n")
            self._length += 1
            return
        if self._text and _whole(self._text).strip():
            self._end_table()
            self._pieces.append(self._paragraph())
        self._after()
        self._new_paragraph()

    def _paragraph(self) -> Piece:
        text = _whole(self._text)
        level = self._outline or self._styles.get(self._style, 0)
        mark = self._mark.strip()
        shown = "" if not mark or BULLET.match(mark) else f"{mark} "
        lead = len(text) - len(text.lstrip())
        by = len(shown) - lead
        links = tuple(Link(max(link.start + by, 0), link.end + by, link.target) for link in self._links)
        kind = BlockKind.TITLE if level else BlockKind.LIST if self._mark or self._listed else BlockKind.PARAGRAPH
        size = max(self._sizes, key=lambda one: self._sizes[one]) / 2 if self._sizes else None
        letters = sum(len(part.strip()) for part in self._text)
        return Piece(
            kind, shown + text.strip(), level, size=size, bold=0 < letters <= self._bold_chars, links=links
        )  # fmt: skip

    def _after(self) -> None:
        for why, parts in self._concealed.items():
            if words := squeeze(_whole(parts)):
                self._pieces.append(Piece(BlockKind.PARAGRAPH, words, hidden=why))
        self._pieces += self._behind
        self._behind = []

    def _end_cell(self, _number: int | None) -> None:
        if len(self._row.texts) < MAX_COLUMNS:
            self._row.texts.append(_whole(self._text))
        self._new_paragraph_keeping_concealed()

    def _end_inner_cell(self, _number: int | None) -> None:
        self._text.append(" ")
        self._length += 1

    def _new_paragraph_keeping_concealed(self) -> None:
        concealed = self._concealed
        self._new_paragraph()
        self._concealed = concealed

    def _end_row(self, _number: int | None) -> None:
        if len(self._rows) >= MAX_ROWS:
            raise FileUnsafe(reason=f"RTF table > {MAX_ROWS} rows")
        self._rows.append(replace(self._row, texts=self._row.texts))
        self._row = Row(self._row.left, self._row.shapes, [], self._row.head)
        self._new_paragraph_keeping_concealed()

    def _end_table(self) -> None:
        rows, self._rows, self._row = self._rows, [], Row()
        table = make_grid(rows) if rows else None
        if table is not None:
            self._pieces.append(Piece(BlockKind.TABLE, table_text(table), table=table))
            self._after()

    def _begin_row(self, _number: int | None) -> None:
        self._row = Row(texts=self._row.texts)
        self._shape = CellShape()

    def _cell_edge(self, number: int | None) -> None:
        self._shape.right = number or 0
        if len(self._row.shapes) < MAX_COLUMNS:
            self._row.shapes.append(self._shape)
        self._shape = CellShape()

    def _plain_paragraph(self, _number: int | None) -> None:
        self._in_table, self._style, self._outline, self._listed = False, -1, 0, False

    _in_table = False
    _outline = 0
    _listed = False

    # --- properties ---------------------------------------------------------------------------------------------

    def _font_number(self, number: int | None) -> None:
        self._font = number or 0
        if self._state.place != "fonts":
            self._state.encoding = self._fonts.get(self._font, self._default)

    def _font_charset(self, number: int | None) -> None:
        if self._state.place == "fonts" and len(self._fonts) < 5_000:
            self._fonts[self._font] = CODE_PAGES.get(number or 0) or self._default

    def _code_page(self, number: int | None) -> None:
        name = {936: "gb18030", 950: "big5", 65001: "utf-8", 10000: "mac_roman", 0: "cp1252"}.get(
            number or 0, f"cp{number}"
        )
        try:
            b"".decode(name)
        except LookupError:
            return
        self._default = self._state.encoding = name

    def _unicode(self, number: int | None) -> None:
        self._emit(chr((number or 0) % 0x10000))
        self._skip = self._state.fallback

    def _style_number(self, number: int | None) -> None:
        self._style = number or 0
        if self._state.place == "styles":
            self._state.place = "style"
            self._outline, self._style_name = 0, ""

    def _end_style(self) -> None:
        found = STYLE_LEVEL.search(self._style_name)
        titled = self._style_name.strip("; ").lower() in TITLE_STYLES
        level = self._outline or (int(found[1]) if found else 0) or int(titled)
        if level and len(self._styles) < 5_000:
            self._styles[self._style] = level
        self._outline, self._style, self._style_name = 0, -1, ""

    def _set_outline(self, number: int | None) -> None:
        self._outline = number + 1 if number is not None and 0 <= number <= 8 else 0

    def _colour_part(self, index: int, number: int | None) -> None:
        if self._state.place == "colours":
            self._colours[-1][index] = number or 0


def _whole(parts: list[str]) -> str:
    """Join text and make surrogates that were written one by one the character they are."""
    return "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _set(name: str) -> Callable[[_Reader, int | None], None]:
    """A toggle of the group's state: on without a number, off with 0."""

    def handle(reader: _Reader, number: int | None) -> None:
        setattr(reader._state, name, number != 0)

    return handle


def _shape(name: str) -> Callable[[_Reader, int | None], None]:
    def handle(reader: _Reader, _number: int | None) -> None:
        setattr(reader._shape, name, True)

    return handle


def _plain(reader: _Reader, _number: int | None) -> None:
    state = reader._state
    state.hidden = state.deleted = state.bold = state.shaded = False
    state.size, state.colour = 24, 0


def _own(name: str, value: object) -> Callable[[_Reader, int | None], None]:
    def handle(reader: _Reader, _number: int | None) -> None:
        setattr(reader, name, value)

    return handle


def _row_left(reader: _Reader, number: int | None) -> None:
    reader._row.left = number or 0


def _row_head(reader: _Reader, _number: int | None) -> None:
    reader._row.head = True


def _number_of(name: str) -> Callable[[_Reader, int | None], None]:
    def handle(reader: _Reader, number: int | None) -> None:
        setattr(reader._state, name, number or 0)

    return handle


_WORDS: Final[dict[str, Callable[[_Reader, int | None], None]]] = {
    "par": lambda reader, _: reader._end_paragraph(),
    "sect": lambda reader, _: reader._end_paragraph(),
    "page": lambda reader, _: reader._end_paragraph(),
    "pard": _Reader._plain_paragraph,
    "plain": _plain,
    "intbl": _own("_in_table", value=True),
    "cell": _Reader._end_cell,
    "row": _Reader._end_row,
    "nestcell": _Reader._end_inner_cell,
    "nestrow": _Reader._end_inner_cell,
    "trowd": _Reader._begin_row,
    "trleft": _row_left,
    "trhdr": _row_head,
    "cellx": _Reader._cell_edge,
    "clmgf": _shape("first_across"),
    "clmrg": _shape("across"),
    "clvmgf": _shape("first_down"),
    "clvmrg": _shape("down"),
    "f": _Reader._font_number,
    "fcharset": _Reader._font_charset,
    "ansicpg": _Reader._code_page,
    "u": _Reader._unicode,
    "uc": _number_of("fallback"),
    "s": _Reader._style_number,
    "outlinelevel": _Reader._set_outline,
    "ls": _own("_listed", value=True),
    "v": _set("hidden"),
    "htmlrtf": _set("deleted"),
    "deleted": _set("deleted"),
    "b": _set("bold"),
    "fs": _number_of("size"),
    "cf": _number_of("colour"),
    "highlight": _set("shaded"),
    "chcbpat": _set("shaded"),
    "red": lambda reader, number: reader._colour_part(0, number),
    "green": lambda reader, number: reader._colour_part(1, number),
    "blue": lambda reader, number: reader._colour_part(2, number),
}
