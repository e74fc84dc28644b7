"""HTML as pieces: what a reader sees in order; what stands around it and what is hidden are marked as such."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

from ingest.intake.charset import decode_text
from ingest.parsing.formats.inline import Inline
from ingest.parsing.formats.looks import Look, Styles
from ingest.parsing.office.grid import table_from_html, table_text
from ingest.parsing.office.headings import recover_headings
from ingest.parsing.office.pieces import Piece, Reading, first_title
from ingest.xmltree import parse_html, without
from wenyuan.documents import BlockKind, Hidden, Link
from wenyuan.errors import FileCorrupt
from wenyuan.text import squeeze

_SKIP: Final = frozenset(
    ("script", "style", "noscript", "template", "iframe", "object", "embed", "applet", "select", "textarea",
     "button", "input", "svg", "math", "head", "title", "link", "meta", "canvas", "audio", "video", "map",
     "datalist")
)  # fmt: skip
_INLINE: Final = frozenset(
    ("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font",
     "i", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span",
     "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "o:p")
)  # fmt: skip
_HEADINGS: Final = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_CODE: Final = frozenset(("pre", "listing", "xmp", "plaintext"))
_WITHIN: Final = ".//h1 | .//h2 | .//h3 | .//h4 | .//h5 | .//h6"
_MIN_FIGURE: Final = 32
_ENCODING: Final = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE
)


def read_html_file(path: Path) -> Reading:
    """Read an HTML file in the encoding that it declares, or else in the one it is found to be in."""
    return read_page(decode_html(path.read_bytes()))


def decode_html(data: bytes, charset: str | None = None) -> str:
    """Return the text of a page; ``charset`` is what its envelope says. Raises ``FileCorrupt`` if it is not text."""
    declared = _ENCODING.search(data[:4096])
    named = charset or ((declared[1] or declared[2]).decode("ascii") if declared else None)
    if named and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        name = named.lower()
        name = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "big5": "big5hkscs"}.get(name, name)
        try:
            return data.decode(name).replace("\r\n", "\n")
        except (LookupError, UnicodeDecodeError):
            pass
    found = decode_text(data)
    if found is None:
        raise FileCorrupt
    return found[0].replace("\r\n", "\n")


def read_page(text: str, sheets: Sequence[str] = (), inside: Collection[str] = ()) -> Reading:
    """Read an HTML document; the title is its ``title`` element, else a leading ``h1``.

    ``sheets`` are linked styles; ``inside`` are addresses of pictures that came along with the page.

    Navigation and the foot of the page become running heads, which are kept and not searched.
    """
    if not text.strip("\ufeff \t\r\n"):
        return Reading(())
    root = parse_html(text)
    own = ["".join(node.itertext()) for node in root.iter("style")]
    reader = _Reader(Styles([*sheets, *own]), inside, has_main=root.find(".//main") is not None)
    reader.read(root)
    pieces: list[Piece] = reader.pieces
    if sum(piece.kind is BlockKind.TITLE for piece in pieces) <= 1:
        pieces = _recovered(pieces)
    named = squeeze(root.findtext(".//title") or "")
    return Reading(tuple(pieces), named or first_title(pieces))


def _recovered(pieces: Sequence[Piece]) -> list[Piece]:
    """A page without headings may number or embolden them; what is hidden does not count."""
    shown = recover_headings([piece for piece in pieces if piece.hidden is None])
    if len(shown) + sum(piece.hidden is not None for piece in pieces) != len(pieces):
        return shown + [piece for piece in pieces if piece.hidden is not None]
    rest = iter(shown)
    return [piece if piece.hidden is not None else next(rest) for piece in pieces]


class _Reader:
    """Walks a tree once; its depth is limited by the HTML parser."""

    def __init__(self, styles: Styles, inside: Collection[str], *, has_main: bool) -> None:
        self.pieces: list[Piece] = []
        self._styles = styles
        self._inside = inside
        self._has_main = has_main
        self._text = Inline()
        self._kind = BlockKind.PARAGRAPH
        self._level = 0
        self._region: BlockKind | None = None
        self._mark = ""
        self._lists: list[int | None] = []
        self._heading = 0
        self._images = 0
        self._aside: list[Piece] = []

    def read(self, root: Any) -> None:
        """Read the body of a document."""
        body = root if root.tag == "body" else root.find("body")
        self._children(root if body is None else body, Look())
        self._flush()

    def _children(self, node: Any, look: Look) -> None:
        self._add(node.text, look)
        for child in node:
            if isinstance(child.tag, str) and child.tag not in _SKIP:
                self._element(child, self._styles.look(child, look))
            self._add(child.tail, look)

    def _add(self, text: str | None, look: Look) -> None:
        if text:
            self._text.add(text.replace("\ue000", ""), bold=look.bold, size=look.size)

    def _element(self, node: Any, look: Look) -> None:
        tag = node.tag
        if look.hidden is not None:
            self._conceal(node, look.hidden)
        elif tag == "br":
            if self._text.broken:
                self._flush()  # a blank line between two paragraphs
            self._text.add_break()
        elif tag == "img":
            self._figure(node)
        elif tag == "a":
            self._text.open_link(node.get("href"))
            self._children(node, look)
            self._text.close_link()
        elif tag in _INLINE:
            self._children(node, look)
        elif tag in _CODE:
            self._code(node)
        elif tag == "table" and not _is_layout(node):
            self._table(node, look)
        else:
            self._block(node, look)

    def _block(self, node: Any, look: Look) -> None:
        """An element that stands on lines of its own."""
        tag = node.tag
        level = _heading_level(node, self._heading)
        self._flush()
        before = (self._kind, self._level, self._region)
        self._region = before[2] or _region(node, has_main=self._has_main)
        if level:
            self._kind, self._level, self._heading = BlockKind.TITLE, level, level
        elif tag in ("figcaption", "caption"):
            self._kind = BlockKind.CAPTION
        elif tag in ("ul", "ol", "menu", "dir"):
            self._lists.append(_start(node) if tag == "ol" else None)
        elif tag == "li":
            self._kind, self._mark = BlockKind.LIST, self._next_mark(node)
        self._children(node, look)
        self._flush()
        if tag in ("ul", "ol", "menu", "dir"):
            self._lists.pop()
        self._kind, self._level, self._region = before
        self._mark = ""

    def _next_mark(self, node: Any) -> str:
        if not self._lists or self._lists[-1] is None:
            return ""
        value = node.get("value", "")
        number = int(value) if value.isdecimal() and len(value) < 9 else self._lists[-1]
        self._lists[-1] = number + 1
        return f"{number}. "

    def _flush(self) -> None:
        """Close the block whose text was gathered; pictures and hidden text in it stand behind it."""
        text, self._text = self._text, Inline()
        if text:
            links = text.links
            shown = text.text
            if self._mark:
                shown = self._mark + shown
                by = len(self._mark)
                links = tuple(Link(link.start + by, link.end + by, link.target) for link in links)
                self._mark = ""
            kind = self._region or self._kind
            level = self._level if kind is BlockKind.TITLE else 0
            self.pieces.append(Piece(kind, shown, level, size=text.size, bold=text.bold, links=links))
        self.pieces += self._aside
        self._aside = []

    def _conceal(self, node: Any, why: Hidden) -> None:
        words = squeeze(" ".join(_words(node)))
        if words:
            self._aside.append(Piece(BlockKind.PARAGRAPH, words, hidden=why))

    def _code(self, node: Any) -> None:
        self._flush()
        for line_break in node.iter("br"):
            line_break.tail = "\n" + (line_break.tail or "")
        text = "".join(node.itertext()).strip("\n").rstrip()
        if text:
            self.pieces.append(Piece(self._region or BlockKind.CODE, text))

    def _figure(self, node: Any) -> None:
        self._images += 1
        text = squeeze(node.get("alt") or node.get("title") or "")
        source = (node.get("src") or "").strip()
        sides = [int(value) for name in ("width", "height") if (value := node.get(name, "")).isdecimal()]
        if not source or (sides and min(sides) < _MIN_FIGURE) or self._region is not None:
            return
        # A picture inside the page has no name; a number in order of appearance finds it again.
        media = f"image:{self._images}" if source.startswith("data:") else source
        inside = source.startswith("data:") or source in self._inside
        if inside or text:
            self._aside.append(Piece(BlockKind.FIGURE, text, media=media if inside else None))

    def _table(self, node: Any, look: Look) -> None:
        """Emit a data table behind its caption; tables in its cells follow it as tables of their own."""
        self._flush()
        hidden = self._take_hidden(node, look)
        caption = node.find("caption")
        if caption is not None and (words := squeeze("".join(caption.itertext()))):
            self.pieces.append(Piece(self._region or BlockKind.CAPTION, words))
        inner = [table for table in node.iter("table") if table is not node and _owner(table) is node]
        table = table_from_html(node)
        if table is not None:
            self.pieces.append(Piece(self._region or BlockKind.TABLE, table_text(table), table=table))
        self.pieces += hidden
        for image in node.iter("img"):
            self._figure(image)
        for nested in inner:
            self._element(nested, look)
        self._flush()

    def _take_hidden(self, table: Any, look: Look) -> list[Piece]:
        """Remove from a table what is not shown; returns it."""
        taken: list[Piece] = []
        for node in list(table.iter()):
            if not isinstance(node.tag, str) or node is table:
                continue
            if node.tag in _SKIP:
                without(node)
                continue
            own = self._styles.look(node, look)
            # The look of the elements between is left out: a coloured row's white words are seen.
            coloured = own.hidden is Hidden.COLOUR and any(
                self._styles.look(above, Look()).paper for above in node.iterancestors()
            )
            if own.hidden is not None and not coloured:
                if words := squeeze(" ".join(_words(node))):
                    taken.append(Piece(BlockKind.PARAGRAPH, words, hidden=own.hidden))
                without(node)
        return taken


def _words(node: Any) -> list[str]:
    return [part for part in node.xpath(".//text()[not(ancestor::script or ancestor::style)]") if part.strip()]


def _heading_level(node: Any, current: int) -> int:
    """Depth of a heading element; a ``summary`` heads its ``details``, one level below the heading before it."""
    if node.tag in _HEADINGS:
        return int(node.tag[1])
    if node.get("role") == "heading":
        level = node.get("aria-level", "2")
        return min(int(level), 9) if level.isdecimal() and int(level) else 2
    if node.tag == "summary" and not node.xpath(_WITHIN):
        return min(current + 1, 6)
    return 0


def _region(node: Any, *, has_main: bool) -> BlockKind | None:
    """What stands around the content: navigation, the banner of a site, the foot of a page."""
    role = node.get("role", "")
    if node.tag == "nav" or role in ("navigation", "search", "menubar", "banner"):
        return BlockKind.HEADER
    sectioned = any(above.tag in ("article", "main", "section") for above in node.iterancestors())
    if node.tag == "header" and has_main and not sectioned and not node.xpath(".//h1"):
        return BlockKind.HEADER
    if role == "contentinfo" or (node.tag == "footer" and not sectioned):
        return BlockKind.FOOTER
    return None


def _start(node: Any) -> int:
    start = node.get("start", "1")
    return int(start) if start.isdecimal() and len(start) < 9 else 1


def _owner(table: Any) -> Any:
    return next(table.iterancestors("table"), None)


def _is_layout(table: Any) -> bool:
    """A table that only arranges: it says so, holds headings, or never sets two texts side by side.

    One that nests tables arranges too, unless it marks head cells or a caption, or sets several full rows.
    """
    if table.get("role") == "presentation" or table.xpath(_WITHIN):
        return True
    rows = table.xpath(".//tr[count(ancestor::table) = $depth]", depth=len(table.xpath("ancestor::table")) + 1)
    cells = [[cell for cell in row.xpath("./td | ./th") if "".join(cell.itertext()).strip()] for row in rows]
    if max(map(len, cells), default=0) < 2:
        return True
    if not table.xpath(".//table"):
        return False
    headed = table.find("caption") is not None or any(cell.tag == "th" for row in cells for cell in row)
    plain = [row for row in cells if len(row) > 1 and sum(not cell.xpath(".//table") for cell in row) > 1]
    return not (headed or len(plain) > 1)
