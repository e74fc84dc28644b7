"""Put a document together from a seed."""

from dataclasses import dataclass, field
from random import Random
from typing import Final

from benchmarks.parsing.truth.model import (
    Contents,
    DocumentBlock,
    Figure,
    Heading,
    Items,
    Look,
    Paragraph,
    Remark,
    TableKind,
    TruthDocument,
)
from benchmarks.parsing.truth.sentences import han, paragraph, sentence
from benchmarks.parsing.truth.tables import make_table
from benchmarks.parsing.truth.words import DOMAINS, Domain


@dataclass(frozen=True, slots=True)
class _Genre:
    """A sort of document: its numbering by level, what it holds, and how many columns it has."""

    name: str
    domain: str
    numbering: tuple[str, ...]
    columns: int = 1
    contents: bool = False
    tables: bool = True
    language: str = "zh"
    abstract: bool = False
    articles: bool = False


_GENRES: Final = (
    _Genre("report", "business", ("{han}、{text}", "（{han}）{text}", "{own}. {text}"), contents=True),
    _Genre("law", "legal", ("第{han}章 {text}", "第{han}节 {text}"), contents=True, tables=False, articles=True),
    _Genre("manual", "technical", ("{own} {text}", "{own} {text}", "{own} {text}"), contents=True),
    _Genre("paper", "technical", ("{own} {text}", "{own} {text}"), columns=2, abstract=True),
    _Genre("guideline", "english", ("{own} {text}", "{own} {text}"), language="en"),
    _Genre("contract", "legal", ("第{han}条 {text}",)),
    _Genre("thesis", "business", ("第{digit}章 {text}", "{own} {text}", "{own} {text}"), contents=True),
    _Genre("bulletin", "business", ("{han}、{text}", "（{han}）{text}"), columns=2),
    _Genre("english-paper", "english", ("{own}. {text}", "{own} {text}"), columns=2, language="en", abstract=True),
)
_DOTTED_TOP: Final = ("{own} {text}", "{own}. {text}", "第{digit}章 {text}")
_ORGANISATIONS: Final = ("华东电气集团", "北辰数据研究院", "南岭装备制造有限公司", "江海物流股份有限公司")


def compose(seed: int) -> TruthDocument:
    """Return the document of ``seed``; the same for ever as long as this package stays the same."""
    chooser = Random(seed)
    genre = _GENRES[(seed - 1) % len(_GENRES)]
    writer = _Writer(chooser, genre, DOMAINS[genre.domain])
    title = writer.write()
    return TruthDocument(
        seed=seed,
        name=f"{seed:04d}-{genre.name}",
        language=genre.language,
        columns=genre.columns,
        blocks=tuple(writer.blocks),
        opening=writer.opening,
        look=_look(chooser, genre, title),
    )


@dataclass
class _Writer:
    chooser: Random
    genre: _Genre
    domain: Domain
    blocks: list[DocumentBlock] = field(default_factory=list)
    opening: int = 0
    _tables: int = 0
    _figures: int = 0
    _article: int = 0

    def write(self) -> str:
        """Write everything and return the title."""
        title = self.chooser.choice(self.domain.title)
        self.blocks.append(Heading(title, 0))
        if self.genre.language == "zh":
            self.blocks.append(Paragraph(f"{self.chooser.choice(_ORGANISATIONS)}　编制"))
        if self.genre.abstract:
            english = self.genre.language == "en"
            self.blocks.append(Heading("Abstract" if english else "摘要", 1))
            self._paragraphs(1)
        self.opening = len(self.blocks)
        place = len(self.blocks)
        self._sections()
        if self.genre.contents:
            self.blocks.insert(place, self._contents())
        return title

    def _sections(self) -> None:
        topics = self.chooser.sample(self.domain.topics, len(self.domain.topics))
        kinds = list(TableKind) if self.genre.tables else []
        if self.genre.columns == 2:
            kinds.remove(TableKind.CONTINUED)
        self.chooser.shuffle(kinds)
        chapters = max(self.chooser.randint(4, 5), len(kinds))
        for chapter in range(1, chapters + 1):
            self._heading(1, (chapter,), topics.pop())
            self._paragraphs(self.chooser.randint(1, 2))
            if len(self.genre.numbering) > 1:
                for section in range(1, self.chooser.randint(2, 3) + 1):
                    self._heading(2, (chapter, section), topics.pop() if topics else self._topic())
                    self._section(deep=(chapter, section))
            else:
                self._section()
            if kinds:
                self._table(kinds.pop())
            if chapter % 2 == 0:
                self._figure()
                self._paragraphs(1)

    def _section(self, deep: tuple[int, int] | None = None) -> None:
        self._paragraphs(self.chooser.randint(1, 3))
        if self.chooser.random() < 0.35:
            self._list()
        if deep and len(self.genre.numbering) > 2 and self.chooser.random() < 0.6:
            for third in (1, 2):
                self._heading(3, (*deep, third), self._topic())
                self._paragraphs(self.chooser.randint(1, 2))

    def _topic(self) -> str:
        if self.chooser.random() < 0.1:
            # Long enough to run over two lines.
            parts = self.chooser.sample(self.domain.topics, 3 if self.genre.columns == 2 else 5)
            return ", ".join(parts) if self.genre.language == "en" else "、".join(parts)
        joint = " and " if self.genre.language == "en" else "与"
        return joint.join(self.chooser.sample(self.domain.topics, 2))

    def _heading(self, level: int, path: tuple[int, ...], text: str) -> None:
        form = self.genre.numbering[level - 1]
        dotted = self.genre.numbering[0] in _DOTTED_TOP
        own = ".".join(map(str, path)) if dotted else str(path[-1])
        self.blocks.append(Heading(form.format(han=han(path[-1]), digit=path[-1], own=own, text=text), level))

    def _paragraphs(self, count: int) -> None:
        for _ in range(count):
            text = paragraph(self.chooser, self.domain, self.genre.language)
            if self.genre.articles:
                self._article += 1
                text = f"第{han(self._article)}条　{text}"
            note = None
            if self.chooser.random() < 0.08 and self.genre.language == "zh":
                note = sentence(self.chooser, self.domain, self.genre.language)
            self.blocks.append(Paragraph(text, note))

    def _list(self) -> None:
        language = self.genre.language
        form = self.chooser.choice(("bullet", "（{}）", "{}）") if language == "zh" else ("bullet", "({})"))
        texts = [sentence(self.chooser, self.domain, language) for _ in range(self.chooser.randint(3, 5))]
        if form == "bullet":
            self.blocks.append(Items(tuple(texts), bulleted=True))
        else:
            glue = "" if language == "zh" else " "
            numbered = (f"{form.format(index)}{glue}{text}" for index, text in enumerate(texts, start=1))
            self.blocks.append(Items(tuple(numbered), bulleted=False))

    def _table(self, kind: TableKind) -> None:
        self._tables += 1
        topic = self.chooser.choice(self.domain.topics)
        label = f"Table {self._tables}. {topic}" if self.genre.language == "en" else f"表{self._tables} {topic}"
        narrow = self.genre.columns == 2
        table = make_table(self.chooser, self.domain, self.genre.language, kind, label, narrow=narrow)
        self.blocks.append(table)
        english = self.genre.language == "en"
        if self.chooser.random() < 0.4:
            source = f"{self.chooser.choice(self.domain.subjects)}"
            self.blocks.append(Remark(f"Source: {source}, own data" if english else f"资料来源：{source}"))
        self._paragraphs(1)

    def _figure(self) -> None:
        self._figures += 1
        topic = self.chooser.choice(self.domain.topics)
        label = f"Figure {self._figures}. {topic}" if self.genre.language == "en" else f"图{self._figures} {topic}"
        heights = tuple(self.chooser.uniform(0.2, 1) for _ in range(self.chooser.randint(4, 8)))
        self.blocks.append(Figure(label, heights))

    def _contents(self) -> Contents:
        page = 1
        entries = []
        for block in self.blocks:
            if isinstance(block, Heading) and block.level in (1, 2):
                entries.append((block.text, block.level, page))
                page += self.chooser.randint(0, 1)
        return Contents("目录", tuple(entries))


def _look(chooser: Random, genre: _Genre, title: str) -> Look:
    body = chooser.choice((9.0, 10.0)) if genre.columns == 2 else chooser.choice((10.5, 11.0, 12.0))
    steps = chooser.choice(((1.9, 1.45, 1.2, 1.0), (1.7, 1.3, 1.15, 1.0), (1.7, 1.2, 1.0, 1.0)))
    # What is not set larger is bold, except where numbering alone has to tell a heading of the last level.
    bold = chooser.choice(((True, True, True, True), (True, True, True, False), (False, False, True, True)))
    if steps[2] == 1.0 and chooser.random() < 0.4 and genre.numbering[0] in _DOTTED_TOP:
        bold = (*bold[:2], False, False)
    return Look(
        body_size=body,
        leading=chooser.choice((1.4, 1.6, 1.8)),
        sizes=tuple(round(body * step, 1) for step in steps),
        bold=bold,
        serif=chooser.random() < 0.5,
        indent=genre.language == "zh",
        running_head=chooser.choice((title, f"{chooser.choice(_ORGANISATIONS)}　内部资料")),
        page_number=chooser.choice(("{page}", "- {page} -", "第 {page} 页 共 {pages} 页")),
        outlined=chooser.random() < 0.4,
    )
