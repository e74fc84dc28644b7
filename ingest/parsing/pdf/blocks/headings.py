"""Find headings among drafts, by outline, numbering, size and weight, and give them levels."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from ingest.parsing.characters import is_wide
from ingest.parsing.numbering import (
    DOTTED,
    FIXED_ORDER,
    is_contents_heading,
    is_contents_line,
    is_period_line,
    is_unit_line,
    is_usual_heading,
    scheme_of,
    without_page,
)
from ingest.parsing.pdf.model import Draft

_LARGER: Final = 1.13
_MUCH_LARGER: Final = 1.3
_MAX_CHARS: Final = 60
_MAX_CHARS_LATIN: Final = 110
_NUMBERED_MORE: Final = 15
_SHORT: Final = 40
_SHORT_LATIN: Final = 75
_ENDS_SENTENCE: Final = re.compile(r"[。；;，,、！!]$|[a-z]{2}\.$")
_HAS_LETTERS: Final = re.compile(r"[A-Za-z\u4e00-\u9fff]")
_ABSTRACT: Final = re.compile(r"[\[【［]?\s*(?:摘\s*要|内容提要|abstract|summary)", re.IGNORECASE)
_LEADING_NUMBER: Final = re.compile(r"\d{1,2}")
_MATH: Final = re.compile(r"[=∑∫√≤≥±×÷→∈∂]")
_PLAIN: Final = re.compile(r"[\W_]+")
_NAME: Final = re.compile(
    r"(?:公司|集团|大学|学院|银行|医院|协会|委员会|人民政府|[局厅部])$|^[\w-]+\.(?:com?|cn|org|net|io)$"
    r"|\b(?:inc|ltd|llc|corp|co|gmbh|plc|company|corporation|group|university)\.?$",
    re.IGNORECASE,
)
_NEARLY: Final = 0.95
_LARGE_RUN: Final = 4
_SAME_SIZE: Final = 0.3
_MAX_LEVEL: Final = 9
_MIN_CONTENTS: Final = 4
_CONTENTS_WITHIN: Final = 12
_AGAIN_SHARE: Final = 0.5
_MIN_BARE: Final = 3
_ALONE: Final = 0.7


@dataclass(slots=True)
class Outline:
    """The document's own outline: by page, its entries' texts (letters and digits only) with their levels, 1-based."""

    by_page: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    @property
    def flat(self) -> bool:
        """Whether all entries have one level, which then says nothing about levels."""
        return len({level for entries in self.by_page.values() for level in entries.values()}) < 2

    def level(self, page: int, text: str) -> int | None:
        """Return the level of the entry that points to ``page`` (or a neighbour) and has this text, or None."""
        key = plain(text)
        for near in (page, page - 1, page + 1):
            level = self.by_page.get(near, {}).get(key)
            if level is not None:
                return level
        return None


def plain(text: str) -> str:
    """Return letters and digits of ``text`` in lower case."""
    return _PLAIN.sub("", text).lower()


def mark_headings(
    pages: Sequence[Sequence[Draft]], body_size: float, *, bold_body: bool, outline: Outline
) -> Draft | None:
    """Turn drafts that are headings into kind ``title`` with levels, and lines of a contents list into ``contents``.

    Return the heading that names the document, if one does.
    """
    _mark_contents(pages)
    for drafts in pages:
        for index, draft in enumerate(drafts):
            if draft.kind not in ("paragraph", "list") or not draft.text:
                continue
            level = outline.level(draft.parts[0].page, draft.text)
            if level is not None:
                draft.kind, draft.level = "title", (0 if outline.flat else -level)
            elif (
                _is_heading(draft, body_size, bold_body=bold_body)
                and not _in_large_text(drafts, index, body_size)
                and not _is_cut(drafts, index, body_size)
            ):
                draft.kind = "title"
    everything = [draft for drafts in pages for draft in drafts]
    _promote_whole_numbers(everything)
    _promote_bare_numbers(everything)
    _demote_front_matter(everything)
    _drop_runs(everything)
    for draft in everything:
        if draft.kind == "paragraph" and _scheme(draft) in ("dot1", "han-bracket"):
            draft.kind = "list"
    first = next((drafts for drafts in pages if any(draft.text for draft in drafts)), [])
    title = find_title(first, body_size)
    _give_levels([draft for draft in everything if draft.kind == "title" and draft is not title])
    if title is not None:
        title.level = 1
    return title


def body_size_of(pages: Sequence[Sequence[Draft]]) -> tuple[float, bool]:
    """Return the size most characters have, and whether most of those are bold."""
    sizes: Counter[float] = Counter()
    bold: Counter[float] = Counter()
    for drafts in pages:
        for draft in drafts:
            if draft.kind in ("paragraph", "list", "title"):
                sizes[draft.size] += len(draft.text)
                bold[draft.size] += len(draft.text) if draft.bold else 0
    if not sizes:
        return 10.0, False
    size = sizes.most_common(1)[0][0]
    return size, bold[size] > 0.6 * sizes[size]


def _mark_contents(pages: Sequence[Sequence[Draft]]) -> None:
    """Mark the lines of tables of contents: leader dots, or most lines of a page come again on later pages."""
    last_page: dict[str, int] = {}
    for number, drafts in enumerate(pages):
        last_page.update((plain(draft.text), number) for draft in drafts if draft.text)
    for drafts in pages:
        for draft in drafts:
            if draft.kind in ("paragraph", "list") and is_contents_heading(draft.text):
                draft.kind = "contents"
    for number, drafts in enumerate(pages[: max(_CONTENTS_WITHIN, len(pages) // 10)]):
        shown = [draft for draft in drafts if draft.kind in ("paragraph", "list") and draft.text]
        leaders = [draft for draft in shown if is_contents_line(draft.text)]
        again = [
            draft
            for draft in shown
            if max(last_page.get(plain(text), -1) for text in (draft.text, without_page(draft.text))) > number
        ]
        if len(again) >= max(_MIN_CONTENTS, _AGAIN_SHARE * len(shown)):
            usual = _LARGER * median(draft.size for draft in again)
            leaders = [draft for draft in shown if draft.size < usual]
        if len(leaders) >= _MIN_CONTENTS:
            for draft in leaders:
                draft.kind = "contents"


def _is_heading(draft: Draft, body_size: float, *, bold_body: bool) -> bool:
    text = draft.text
    if not _could_be_heading(text) or len(draft.parts) > 1:
        return False
    scheme = scheme_of(text)
    larger = draft.size >= _LARGER * body_size
    bold = draft.bold and not bold_body
    if draft.kind == "list":
        return larger and bold and _is_short(text)
    if is_usual_heading(text):
        return True
    if larger:
        return scheme is not None or draft.bold or draft.size >= _MUCH_LARGER * body_size or _is_short(text)
    if draft.size < 0.9 * body_size:
        return False
    if bold:
        return scheme is not None or _is_short(text)
    # Body size and weight: only numbering speaks for it, and a bare "1." is an item more often than a heading.
    if scheme in (None, "dot1") or text.endswith(("：", ":")):
        return False
    return scheme in DOTTED or _is_short(text)


def _is_short(text: str) -> bool:
    return len(text) <= (_SHORT if any(map(is_wide, text)) else _SHORT_LATIN)


def _could_be_heading(text: str) -> bool:
    limit = _MAX_CHARS if any(map(is_wide, text)) else _MAX_CHARS_LATIN
    limit += _NUMBERED_MORE if scheme_of(text) in DOTTED else 0
    if len(text) > limit or len(text) < 2 or is_contents_line(text):
        return False
    if is_unit_line(text) or is_period_line(text):
        return False
    return not _ENDS_SENTENCE.search(text) and bool(_HAS_LETTERS.search(text)) and not _MATH.search(text)


def _is_cut(drafts: Sequence[Draft], index: int, body_size: float) -> bool:
    """A full line of body text at the end of a column is the beginning of a paragraph that goes on in the next."""
    draft = drafts[index]
    if not draft.open_end or draft.bold or draft.size >= _LARGER * body_size:
        return False
    after = next((one for one in drafts[index + 1 :] if one.kind not in ("figure", "caption", "table")), None)
    return after is None or after.parts[0].rect[1] < draft.parts[0].rect[1]


def _in_large_text(drafts: Sequence[Draft], index: int, body_size: float) -> bool:
    """Text set large without being headings (slides, covers): many drafts of the same size in a row, unnumbered."""
    draft = drafts[index]
    if draft.size < _LARGER * body_size or scheme_of(draft.text):
        return False
    run = 1
    for step in (1, -1):
        at = index + step
        while 0 <= at < len(drafts) and drafts[at].text and abs(drafts[at].size - draft.size) < 0.3:
            run += 1
            at += step
    return run >= _LARGE_RUN


def _promote_whole_numbers(drafts: Sequence[Draft]) -> None:
    """Where 2.1 is a heading, a short "2 …" or "3 …" is one too; elsewhere such a line is an item."""
    majors = [
        int(draft.text.replace("．", ".").split(".")[0])
        for draft in drafts
        if draft.kind == "title" and _scheme(draft) == "dot2"
    ]
    if len(majors) < 2:
        return
    last = 0
    for draft in drafts:
        scheme = _scheme(draft)
        number = _LEADING_NUMBER.match(draft.text) if scheme in DOTTED else None
        if number is None:
            continue
        if draft.kind == "paragraph" and scheme == "dot1" and _is_short(draft.text) and _could_be_heading(draft.text):
            draft.kind = "title" if int(number[0]) == last + 1 and last <= max(majors) + 1 else "paragraph"
        if draft.kind == "title":
            last = int(number[0])


def _promote_bare_numbers(drafts: Sequence[Draft]) -> None:
    """Lines "1. …" that text follows each time, and no other item, are headings below others; items come in runs."""
    titles = sum(draft.kind == "title" for draft in drafts)
    shown = [draft for draft in drafts if draft.kind not in ("figure", "caption", "table", "formula")]
    candidates: list[Draft] = []
    alone = 0
    following: list[Draft | None] = [*shown, None][1:]
    for draft, after in zip(shown, following, strict=True):
        if draft.kind not in ("paragraph", "list") or _scheme(draft) != "dot1" or len(draft.marks) > 2:
            continue
        if not _could_be_heading(draft.text) or draft.text.endswith(("：", ":")):
            continue
        candidates.append(draft)
        alone += after is not None and after.kind == "paragraph" and _scheme(after) is None and len(after.marks) > 1
    if titles >= 2 and len(candidates) >= _MIN_BARE and alone >= _ALONE * len(candidates):
        for draft in candidates:
            draft.kind = "title"


def _demote_front_matter(drafts: Sequence[Draft]) -> None:
    """Between a paper's title and its abstract stand authors and affiliations, in large type but no headings."""
    first = [draft for draft in drafts if draft.parts[0].page == drafts[0].parts[0].page]
    abstract = next((at for at, draft in enumerate(first) if _ABSTRACT.match(draft.text)), 0)
    titles = [draft for draft in first[:abstract] if draft.kind == "title"]
    if not titles:
        return
    largest = max(draft.size for draft in titles)
    for draft in titles:
        if draft.size < largest and draft.level == 0:
            draft.kind = "paragraph"


def _scheme(draft: Draft) -> str | None:
    return scheme_of(draft.text)


def _drop_runs(drafts: Sequence[Draft]) -> None:
    """Headings of one numbering that follow one another at body size, with nothing between, are a list."""
    shown = [draft for draft in drafts if draft.kind != "figure"]
    start = 0
    while start < len(shown):
        stop = start + 1
        scheme = scheme_of(shown[start].text)
        while stop < len(shown) and shown[stop].kind == "title" and scheme_of(shown[stop].text) == scheme:
            stop += 1
        run = shown[start:stop]
        if shown[start].kind == "title" and len(run) >= 3 and scheme not in (None, *FIXED_ORDER):
            for draft in run:
                if draft.level == 0 and not draft.bold:
                    draft.kind = "list"
        start = stop


def _give_levels(titles: Sequence[Draft]) -> None:
    """Rank headings: by the outline where it names them, else by numbering in order of appearance, else by size.

    A heading without number ranks with numbered ones of its size, above all of them when it is larger.
    """
    order = _scheme_order(titles)
    outlined = _outlined(titles)
    ranks: dict[int, float] = {}
    sizes: defaultdict[float, Counter[float]] = defaultdict(Counter)
    for draft in titles:
        scheme = _scheme(draft)
        if is_usual_heading(draft.text):
            continue
        if draft.level < 0 or scheme is not None:
            rank = float(outlined.get((scheme, draft.size), -draft.level) or order[scheme or ""])
            ranks[id(draft)] = rank
            sizes[draft.size][rank] += 1
    free = sorted({draft.size for draft in titles if id(draft) not in ranks}, reverse=True)
    for draft in titles:
        if id(draft) not in ranks:
            ranks[id(draft)] = _rank_by_size(draft, sizes, free)
    dense = {rank: level for level, rank in enumerate(sorted(set(ranks.values())), start=1)}
    for draft in titles:
        draft.level = min(dense[ranks[id(draft)]], _MAX_LEVEL)


def _outlined(titles: Sequence[Draft]) -> dict[tuple[str | None, float], int]:
    """Return the level that the outline gives most headings of one numbering and size."""
    votes: defaultdict[tuple[str | None, float], Counter[int]] = defaultdict(Counter)
    for draft in titles:
        scheme = _scheme(draft)
        if draft.level < 0 and scheme is not None:
            votes[scheme, draft.size][-draft.level] += 1
    return {key: counts.most_common(1)[0][0] for key, counts in votes.items()}


def _scheme_order(titles: Sequence[Draft]) -> dict[str, int]:
    seen = list(dict.fromkeys(scheme for draft in titles if (scheme := _scheme(draft))))
    fixed = [scheme for scheme in FIXED_ORDER if scheme in seen]
    free = [scheme for scheme in seen if scheme not in fixed]
    dotted = iter([scheme for scheme in DOTTED if scheme in free])
    # 1, 1.1, 1.1.1 keep their order among themselves wherever they first appear.
    free = [next(dotted) if scheme in DOTTED else scheme for scheme in free]
    return {scheme: rank for rank, scheme in enumerate([*fixed, *free], start=1)}


def _rank_by_size(draft: Draft, sizes: Mapping[float, Counter[float]], free: Sequence[float]) -> float:
    if is_usual_heading(draft.text) and sizes:
        return min(rank for counts in sizes.values() for rank in counts)
    same = [size for size in sizes if abs(size - draft.size) < _SAME_SIZE]
    if same:
        return sizes[same[0]].most_common(1)[0][0]
    larger = [size for size in sizes if size > draft.size]
    if larger:
        # Below the deepest numbering that is set larger than this.
        return max(sizes[min(larger)]) + 0.5
    # Above every number: ranks under 1, the largest size first.
    return (free.index(draft.size) + 1) / (len(free) + 1)


def find_title(first_page: Sequence[Draft], body_size: float) -> Draft | None:
    """Return the heading that names the document: the largest one of the first page, or one that opens it.

    A numbered heading names a chapter, not the document, and the name of an organisation is that of its author where
    another heading, or a short line with one behind it, follows.
    """
    titles = [draft for draft in first_page if draft.kind == "title" and _scheme(draft) is None]
    largest = max(titles, key=lambda draft: draft.size, default=None)
    shown = [draft for draft in first_page if draft.text]
    if largest is None or not (largest is shown[0] or largest.size >= _MUCH_LARGER * body_size):
        return None
    behind = shown[next(at for at, draft in enumerate(shown) if draft is largest) + 1 :]
    if _NAME.search(largest.text) and behind and _may_name(behind, largest.size):
        largest.kind, behind[0].kind = "paragraph", "title"
        return behind[0]
    return None if is_usual_heading(largest.text) else largest


def _may_name(drafts: Sequence[Draft], size: float) -> bool:
    """Tell whether the first of the drafts may be the title below a name set in ``size``."""
    draft = drafts[0]
    if _scheme(draft) is not None or is_usual_heading(draft.text) or draft.size < _NEARLY * size:
        return False
    headed = draft.kind == "paragraph" and len(drafts) > 1 and drafts[1].kind == "title"
    return draft.kind == "title" or (headed and _is_short(draft.text) and _could_be_heading(draft.text))
