"""Sections: blocks grouped by what a chunk may hold together.

Running text of one section, a table with what belongs to it, a figure with what belongs to it. Headings become context;
hidden text, running heads and tables of contents are left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from ingest.chunking.contents import contents_lines
from ingest.parsing.numbering import is_period_line, is_unit_line
from wenyuan.documents import Block, BlockKind

Member = tuple[int, Block]

_LEFT_OUT: Final = {BlockKind.HEADER, BlockKind.FOOTER}
_TABLE_NAME: Final = re.compile(r"\s*(?:续?表|附表|Table|TABLE|Tab\.)\s*[\d一二三四五六七八九十A-Z]")
_FIGURE_NAME: Final = re.compile(r"\s*(?:续?图|圖|附图|Figure|FIGURE|Fig\.?)\s*[\d一二三四五六七八九十A-Z]")
_NOTE: Final = re.compile(
    r"\s*(?:(?:附?注|备注|说明|资料来源|数据来源|来源)\s*\d?\s*[：:]|(?:Notes?|Sources?)\s*\d?\s*[:：.]|[*＊※]\s*\S)"
)
_MARKER: Final = re.compile(r"\s*([①-⑳*†‡§]+|\[\d{1,3}\]|〔\d{1,3}〕)")
_DATE: Final = re.compile(
    r"[A-Z][a-z]{2,8}\.? \d{1,2},?(?: \d{4})?|\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日|度)?"
)
_MAX_UNIT: Final = 60
_MAX_LEAD: Final = 120
_MAX_NOTE: Final = 400


class Form(Enum):
    """What a group is."""

    TEXT = "text"
    TABLE = "table"
    FIGURE = "figure"


@dataclass(slots=True)
class Group:
    """Blocks that chunks are cut from together, under one heading path in section ``number`` (0-based).

    ``heads`` (captions, a unit line) are repeated in every chunk of a table or figure, ``notes`` follow its last row.
    """

    form: Form
    path: tuple[str, ...]
    number: int
    members: list[Member]
    heads: list[Member] = field(default_factory=list)
    notes: list[Member] = field(default_factory=list)

    @property
    def captioned(self) -> bool:
        """Whether one of its heads is a caption."""
        return any(block.kind is BlockKind.CAPTION for _, block in self.heads)


def group_blocks(blocks: Sequence[Block], *, every_figure: bool = False) -> list[Group]:
    """Group blocks in reading order. A heading is context of its body; one without a body is text of its parent.

    Figures without recognised text hold nothing to read and are left out unless ``every_figure`` is asked for.
    """
    grouping = _Grouping()
    contents = contents_lines(blocks)
    for ordinal, block in enumerate(blocks):
        if ordinal in contents:
            continue
        if block.hidden is None and (_is_read(block) or (every_figure and block.kind is BlockKind.FIGURE)):
            grouping.add(ordinal, block)
    return grouping.finish()


def _is_read(block: Block) -> bool:
    """Running heads are not; of a figure only what was recognised in it, not what its file says of it."""
    if block.kind is BlockKind.FIGURE and block.confidence is None:
        return False
    return bool(block.text.strip()) and block.kind not in _LEFT_OUT


class _Grouping:
    """Walks the blocks in reading order, with the headings and captions that still wait for what they belong to."""

    def __init__(self) -> None:
        self._groups: list[Group] = []
        self._text: Group | None = None  # running text that may go on: figures do not interrupt it
        self._path: tuple[str, ...] = ()
        self._levels: list[int] = []
        self._captions: list[Member] = []
        self._heading: Member | None = None
        self._fresh = True

    def add(self, ordinal: int, block: Block) -> None:
        member = (ordinal, block)
        if block.kind is BlockKind.TITLE:
            self._open(member)
        elif block.kind is BlockKind.CAPTION:
            self._captions.append(member)
        elif block.kind is BlockKind.FOOTNOTE and self._groups:
            self._footnote(member)
        else:
            self._body(member, block.heading_path or self._path)

    def finish(self) -> list[Group]:
        self._settle(0)
        return [group for group in self._groups if group.members]

    def _body(self, member: Member, path: tuple[str, ...]) -> None:
        block = member[1]
        self._heading = None
        if block.kind is BlockKind.TABLE:
            self._name_last(_FIGURE_NAME)
            heads, self._captions = self._captions, []
            tail = self._take_tail(path)
            self._start(Form.TABLE, path, [member]).heads = [*tail, *heads]
        elif block.kind is BlockKind.FIGURE:
            self._name_last(None)
            heads, self._captions = self._captions, []
            self._start(Form.FIGURE, path, [member]).heads = heads
        else:
            self._name_last(None)
            self._captions_to_text()
            if not self._note_of_last(member):
                self._extend_text(path, [member])

    def _open(self, member: Member) -> None:
        level = max(member[1].level, 1)
        self._settle(level)
        keep = 0
        while keep < len(self._levels) and self._levels[keep] < level:
            keep += 1
        self._levels = [*self._levels[:keep], level]
        self._path = (*self._path[:keep], member[1].text.strip())
        self._heading = member
        self._fresh = True

    def _settle(self, level: int) -> None:
        """Make text of captions without an owner, and of a heading that is followed by none of its own."""
        self._name_last(None)
        self._captions_to_text()
        if self._heading is not None and level <= max(self._heading[1].level, 1):
            self._fresh = False
            self._extend_text(self._path[:-1], [self._heading])
        self._heading = None

    def _name_last(self, form: re.Pattern[str] | None) -> None:
        """Give waiting captions to the figure or table right before them, if they name one and it has none yet."""
        last = self._groups[-1] if self._groups else None
        if last is None or last.captioned or self._fresh or not self._captions:
            return
        name = _FIGURE_NAME if last.form is Form.FIGURE else _TABLE_NAME
        if last.form is Form.TEXT or form not in (None, name):
            return
        other = _TABLE_NAME if name is _FIGURE_NAME else _FIGURE_NAME
        mine = [caption for caption in self._captions if self._names(caption, name, other)]
        last.heads.extend(mine)
        self._captions = [caption for caption in self._captions if caption not in mine]

    @staticmethod
    def _names(caption: Member, name: re.Pattern[str], other: re.Pattern[str]) -> bool:
        """A caption below a figure needs no name of its own; one below a table does."""
        text = caption[1].text
        return bool(name.match(text)) or (name is _FIGURE_NAME and not other.match(text))

    def _captions_to_text(self) -> None:
        if self._captions:
            captions, self._captions = self._captions, []
            self._extend_text(self._path, captions)

    def _take_tail(self, path: tuple[str, ...]) -> list[Member]:
        """Take the unit line, and the short line that leads in, from the end of the text before a table."""
        text = self._text
        if text is None or self._fresh or text.path != path:
            return []
        tail: list[Member] = []
        while text.members and _belongs_to_table(text.members[-1][1]):
            tail.insert(0, text.members.pop())
        return tail

    def _note_of_last(self, member: Member) -> bool:
        """Keep a note right below a table with it."""
        last = self._groups[-1] if self._groups else None
        if self._fresh or last is None or last.form is not Form.TABLE or self._text is not None:
            return False
        text = member[1].text
        if len(text) > _MAX_NOTE or not _NOTE.match(text):
            return False
        last.notes.append(member)
        return True

    def _footnote(self, member: Member) -> None:
        """Put a footnote behind the text that bears its mark on the same page, else behind what was read last."""
        group, place = self._marked(member[1]) or (self._groups[-1], len(self._groups[-1].members))
        if group.form is Form.TEXT:
            group.members.insert(place, member)
        else:
            group.notes.append(member)

    def _marked(self, note: Block) -> tuple[Group, int] | None:
        found = _MARKER.match(note.text)
        pages = {box.page for box in note.boxes}
        if found is None or not pages:
            return None
        for group in reversed(self._groups):
            if not any(pages & {box.page for box in block.boxes} for _, block in group.members):
                return None
            for place in range(len(group.members), 0, -1):
                block = group.members[place - 1][1]
                if found[1] in block.text and pages & {box.page for box in block.boxes}:
                    return (group, place) if block.kind is not BlockKind.FOOTNOTE else None
        return None

    def _extend_text(self, path: tuple[str, ...], members: list[Member]) -> None:
        if self._fresh or self._text is None or self._text.path != path:
            self._text = self._start(Form.TEXT, path, [])
        self._text.members.extend(members)

    def _start(self, form: Form, path: tuple[str, ...], members: list[Member]) -> Group:
        last = self._groups[-1] if self._groups else None
        number = 0 if last is None else last.number + int(self._fresh or last.path != path)
        group = Group(form, path, number, members)
        self._groups.append(group)
        if form is Form.TABLE or self._fresh:
            self._text = None
        self._fresh = False
        return group


def _belongs_to_table(block: Block) -> bool:
    text = block.text.strip()
    if block.kind is not BlockKind.PARAGRAPH or "\n" in text:
        return False
    if len(text) <= _MAX_UNIT and (is_unit_line(text) or is_period_line(text) or _DATE.fullmatch(text)):
        return True
    return len(text) <= _MAX_LEAD and text.endswith(("：", ":"))
