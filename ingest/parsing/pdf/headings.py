"""Find headings among drafts, by outline, numbering, size and weight, and give them levels."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.parsing.characters import is_wide
from ingest.parsing.numbering import (
    DOTTED,
    FIXED_ORDER,
    ends_with_page,
    is_contents_heading,
    is_contents_line,
    is_usual_heading,
    scheme_of,
)
from ingest.parsing.pdf.model import Draft

_LARGER: Final = 1.13
_MUCH_LARGER: Final = 1.3
_MAX_CHARS: Final = 60
_MAX_CHARS_LATIN: Final = 110
_SHORT: Final = 40
_SHORT_LATIN: Final = 75
_ENDS_SENTENCE: Final = re.compile(r"[。；;，,、！!]$|[a-z]{2}\.$")
_HAS_LETTERS: Final = re.compile(r"[A-Za-z\u4e00-\u9fff]")
_ABSTRACT: Final = re.compile(r"[\[【［]?\s*(?:摘\s*要|内容提要|abstract|summary)", re.IGNORECASE)
_LEADING_NUMBER: Final = re.compile(r"\d{1,2}")
_MATH: Final = re.compile(r"[=∑∫√≤≥±×÷→∈∂]")
_PLAIN: Final = re.compile(r"[\W_]+")
_LARGE_RUN: Final = 4
_MIN_CONTENTS: Final = 4


@dataclass(slots=True)
class Outline:
    """The document's own outline: by page, its entries' texts (letters and digits only) with their levels, 1-based."""

    by_page: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

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


def mark_headings(pages: Sequence[Sequence[Draft]], body_size: float, *, bold_body: bool, outline: Outline) -> None:
    """Turn drafts that are headings into kind ``title`` with levels, and lines of a contents list into ``list``."""
    contents = False
    for drafts in pages:
        contents = _mark_contents(drafts, after_contents=contents)
        for index, draft in enumerate(drafts):
            if draft.kind not in ("paragraph", "list") or not draft.text:
                continue
            level = outline.level(draft.parts[0].page, draft.text)
            if level is not None:
                draft.kind, draft.level = "title", -level
            elif _is_heading(draft, body_size, bold_body=bold_body) and not _in_large_text(drafts, index, body_size):
                draft.kind = "title"
    everything = [draft for drafts in pages for draft in drafts]
    _promote_whole_numbers(everything)
    _demote_front_matter(everything)
    _drop_runs(everything)
    _give_levels(everything)


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


def _mark_contents(drafts: Sequence[Draft], *, after_contents: bool) -> bool:
    """Mark the lines of a table of contents; return whether the page is (part of) one."""
    leaders = [draft for draft in drafts if is_contents_line(draft.text)]
    numbered = [draft for draft in drafts if ends_with_page(draft.text) and len(draft.text) < _MAX_CHARS_LATIN]
    headed = any(is_contents_heading(draft.text) for draft in drafts)
    if len(leaders) < _MIN_CONTENTS:
        leaders = []
    if (headed or after_contents) and len(numbered) >= max(_MIN_CONTENTS, len(drafts) // 2):
        leaders = leaders + numbered
    for draft in leaders:
        if draft.kind == "paragraph":
            draft.kind = "contents"
    return bool(leaders)


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
    return scheme not in (None, "dot1") and _is_short(text) and not text.endswith(("：", ":"))


def _is_short(text: str) -> bool:
    return len(text) <= (_SHORT if any(map(is_wide, text)) else _SHORT_LATIN)


def _could_be_heading(text: str) -> bool:
    limit = _MAX_CHARS if any(map(is_wide, text)) else _MAX_CHARS_LATIN
    if len(text) > limit or len(text) < 2 or is_contents_line(text):
        return False
    return not _ENDS_SENTENCE.search(text) and bool(_HAS_LETTERS.search(text)) and not _MATH.search(text)


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
    majors = [int(draft.text.replace("．", ".").split(".")[0]) for draft in drafts if draft.kind == "title" and _scheme(draft) == "dot2"]
    if len(majors) < 2:
        return
    for draft in drafts:
        if draft.kind == "paragraph" and _scheme(draft) == "dot1" and _is_short(draft.text):
            number = _LEADING_NUMBER.match(draft.text)
            if number and int(number[0]) <= max(majors) + 2 and _could_be_heading(draft.text):
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
        if draft.size < largest and draft.level == 0 and _scheme(draft) is None:
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


def _give_levels(drafts: Sequence[Draft]) -> None:
    """Levels from the outline where it names a heading, else from numbering by order of appearance, else from size."""
    titles = [draft for draft in drafts if draft.kind == "title"]
    order = _scheme_order(titles)
    sizes: defaultdict[float, Counter[int]] = defaultdict(Counter)
    for draft in titles:
        scheme = scheme_of(draft.text)
        if draft.level < 0:
            draft.level = -draft.level
        elif scheme is not None:
            draft.level = order[scheme]
        if draft.level:
            sizes[draft.size][draft.level] += 1
    known = sorted(sizes, reverse=True)
    for draft in titles:
        if not draft.level:
            draft.level = _level_by_size(draft.size, sizes, known)


def _scheme_order(titles: Sequence[Draft]) -> dict[str, int]:
    seen = list(dict.fromkeys(scheme for draft in titles if (scheme := scheme_of(draft.text))))
    fixed = [scheme for scheme in FIXED_ORDER if scheme in seen]
    free = [scheme for scheme in seen if scheme not in fixed]
    dotted = iter([scheme for scheme in DOTTED if scheme in free])
    # 1, 1.1, 1.1.1 keep their order among themselves wherever they first appear.
    free = [next(dotted) if scheme in DOTTED else scheme for scheme in free]
    return {scheme: rank for rank, scheme in enumerate([*fixed, *free], start=1)}


def _level_by_size(size: float, sizes: Mapping[float, Counter[int]], known: Sequence[float]) -> int:
    """The level numbered headings of this size have; above all of them level 1; else by rank of the size."""
    same = [one for one in known if abs(one - size) < 0.6]
    if same:
        return sizes[same[0]].most_common(1)[0][0]
    larger = [one for one in known if one > size]
    if not larger:
        return 1
    return min(max(sizes[larger[-1]]) + 1, 9)
