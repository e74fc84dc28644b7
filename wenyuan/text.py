"""Plain-text helpers for Chinese and English: sentences, language, joining, invisible characters, content terms.

Everything here is a pure function of its input and works without a model or a dictionary.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Language = Literal["zh", "en"]

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f々〇"
_KANA = "\u3040-\u30ff"
_WIDE_PUNCTUATION = "\u3000-\u303f\uff00-\uffef"
CJK = re.compile(f"[{_CJK}{_KANA}]")
LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)?")


def is_cjk(char: str) -> bool:
    """Say whether ``char`` is a Chinese ideograph or kana."""
    return CJK.match(char) is not None


# --- sentences ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item or table row: ``text == source[start:end]``, without surrounding white space."""

    start: int
    end: int
    text: str


_PAIRS = {"“": "”", "‘": "’", "「": "」", "『": "』", "（": "）", "(": ")", "【": "】", "《": "》", "[": "]"}
_CLOSERS = frozenset("”’」』）)】》]\"'")
_HARD = frozenset("。！？；!?")
_CONTINUES = frozenset("，、；：,;:的地得之和与及或而")
_ABBREVIATED = """
mr mrs ms dr prof st jr sr no nos fig figs eq vol pp p ch sec art inc ltd co corp dept est approx vs etc e.g i.e
cf al jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.n ph.d m.d a.m p.m gen col capt lt sgt rev hon
gov sen rep
"""
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_LIST_LINE = re.compile(
    r"\s*(?:[-*•·●○■□◆▪–—]\s+|\(?\d{1,3}(?:\.\d{1,3})*[.)、．）]|\d{1,3}(?:\.\d{1,3})+\s|[（(][一二三四五六七八九十百\d]{1,4}[）)]"
    r"|[一二三四五六七八九十百]{1,4}、|第[一二三四五六七八九十百零千\d]+[章节条款项]|[①-⑳]|#{1,6}\s|[A-Za-z][.)]\s)"
)
_NUMBER_MARK = re.compile(r"\(?\d{1,3}(?:\.\d{1,3})*\.$|[A-Za-z]\.$")
#: What stands behind the last Chinese character: 笔名S.G. ends in two initials.
_LATIN_END = re.compile(r"[^\u3400-\u9fff]*$")
_MAX_QUOTE = 160
_MAX_WORD = 40


def is_table_row(line: str) -> bool:
    """Say whether a line is a table row, cells parted by ``|``."""
    return " | " in line or (line.lstrip().startswith("|") and line.rstrip().endswith("|"))


def sentences(text: str) -> list[Sentence]:
    """Split ``text`` into sentences with character offsets.

    A table row and a list line are sentences of their own. Decimals, abbreviations, numbered clauses and punctuation
    inside quotes or brackets do not split. Only white space lies between two sentences.
    """
    found: list[Sentence] = []
    for start, end in _segments(text):
        cut = start
        ends = [end] if is_table_row(text[start:end]) else [*_ends(text, start, end), end]
        for stop in ends:
            left, right = _trim(text, cut, stop)
            if left < right:
                found.append(Sentence(left, right, text[left:right]))
            cut = stop
    return found


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _segments(text: str) -> list[tuple[int, int]]:
    """Join soft-wrapped lines: a line break ends a sentence unless the words plainly run on."""
    lines: list[tuple[int, int]] = []
    position = 0
    for line in text.splitlines(keepends=True):
        lines.append((position, position + len(line)))
        position += len(line)
    segments: list[tuple[int, int]] = []
    before = ""
    for start, end in lines:
        line = text[start:end]
        if segments and _runs_on(before, line):
            segments[-1] = (segments[-1][0], end)
        else:
            segments.append((start, end))
        before = line
    return segments


def _runs_on(before: str, after: str) -> bool:
    head, tail = before.rstrip(), after.lstrip()
    if not head or not tail or is_table_row(head) or is_table_row(after) or _LIST_LINE.match(after):
        return False
    return (
        head[-1] in "，、,（(“‘-"
        or tail[0] in "，、,；;：。）)”’"
        or (tail[0].islower() and head[-1] not in "。！？!?；;:：.")
    )


def _ends(text: str, start: int, end: int) -> list[int]:
    """Return the offsets just behind each sentence end in ``text[start:end]``."""
    ends: list[int] = []
    closing: list[tuple[str, int]] = []
    cut = start
    index = start
    while index < end:
        char = text[index]
        if closing and char == closing[-1][0]:
            closing.pop()
        elif char in _PAIRS and text.find(_PAIRS[char], index, min(end, index + _MAX_QUOTE)) >= 0:
            closing.append((_PAIRS[char], index))
        inside = bool(closing)
        if char in _HARD or char == ".":
            stop = index + 1
            while stop < end and text[stop] in _HARD:
                stop += 1
            if not inside and _is_end(text, cut, index, stop, end):
                index = cut = _swallow_closers(text, stop, end)
                ends.append(cut)
                continue
            if inside and char in "。！？!?." and _quote_ends(text, stop, end, closing):
                index = cut = _swallow_closers(text, stop, end)
                closing.clear()
                ends.append(cut)
                continue
        index += 1
    return ends


def _swallow_closers(text: str, stop: int, end: int) -> int:
    while stop < end and text[stop] in _CLOSERS:
        stop += 1
    return stop


def _quote_ends(text: str, stop: int, end: int, closing: list[tuple[str, int]]) -> bool:
    """``“…。”`` closes a sentence when the quote closes right here and no words run on."""
    if len(closing) != 1 or stop >= end or text[stop] != closing[0][0]:
        return False
    first = _first_char(text, _swallow_closers(text, stop, end), end)
    return not first or not (first in _CONTINUES or first.islower() or first in _HARD or first == ".")


def _first_char(text: str, start: int, end: int, skipped: str = "") -> str:
    """Return the first character of ``text[start:end]`` that is neither white space nor skipped, "" without one."""
    while start < end and (text[start].isspace() or text[start] in skipped):
        start += 1
    return text[start] if start < end else ""


def _is_end(text: str, cut: int, index: int, stop: int, end: int) -> bool:
    char = text[index]
    if char in "。！？；":
        return True
    after = _swallow_closers(text, stop, end)
    following = text[after] if after < end else " "
    before = text[index - 1] if index > cut else " "
    if char in "!?":
        return following.isspace() or is_cjk(following) or is_cjk(before)
    if is_cjk(before) and (is_cjk(following) or following.isspace()):
        return True
    if not following.isspace():
        return False
    # What is looked at is short, however long the text: this runs once for every full stop in it.
    start = max(cut, index - _MAX_WORD)
    near = text[start : index + 1]
    word = _LATIN_END.findall(near)[0].rsplit(None, 1)[-1].lstrip("(“\"'[")
    initials = re.fullmatch(r"(?:[A-Z]\.)+", word) and not is_cjk(_first_char(text, after, end) or "。")
    if (
        word.rstrip(".").lower() in _ABBREVIATIONS
        or initials
        or (start == cut and _NUMBER_MARK.fullmatch(near.strip()))
    ):
        return not _first_char(text, after, end)
    first = _first_char(text, after, end, "\"'“‘([")
    return not first or not first.islower()


# --- language -------------------------------------------------------------------------------------------------


def cjk_share(text: str) -> float:
    """Return the share of Chinese characters among Chinese characters and Latin words, 0..1; 0 without either."""
    wide = len(CJK.findall(text))
    words = len(LATIN_WORD.findall(text))
    return wide / (wide + words) if wide + words else 0.0


def detect_language(text: str) -> Language:
    """Return ``zh`` when three tenths of the words are Chinese characters or there are no letters, else ``en``."""
    if not CJK.search(text) and not LATIN_WORD.search(text):
        return "zh"
    return "zh" if cjk_share(text) >= 0.3 else "en"


def estimate_tokens(text: str) -> int:
    """Return an upper estimate of a chat model's tokens: one per Chinese character, one per three other characters."""
    wide = len(CJK.findall(text))
    return wide + (len(text) - wide + 2) // 3


# --- white space ----------------------------------------------------------------------------------------------

_TIGHT = re.compile(f"[{_CJK}{_KANA}{_WIDE_PUNCTUATION}“”‘’—…]")
_HYPHENATED = re.compile(r"[a-z]-")


def join_lines(parts: Iterable[str]) -> str:
    """Join wrapped lines: nothing between Chinese characters, one space between words, hyphenated words made whole."""
    return join_spans(parts)[0]


def join_spans(parts: Iterable[str]) -> tuple[str, list[tuple[int, int]]]:
    """Join as ``join_lines`` and say for each part where it went, as (start, end) in the joined text.

    The hyphen of a word made whole belongs to no part; a part of nothing but space is empty where it would stand.
    """
    joined = ""
    spans: list[tuple[int, int]] = []
    for part in parts:
        piece = part.strip()
        if piece and joined:
            if _HYPHENATED.match(joined[-2:]) and piece[0].islower():
                joined = joined[:-1]
                at = len(spans) - 1
                while at >= 0 and spans[at][1] > len(joined):
                    spans[at] = (min(spans[at][0], len(joined)), len(joined))
                    at -= 1
            elif not (_TIGHT.match(joined[-1]) and _TIGHT.match(piece[0])):
                joined += " "
        spans.append((len(joined), len(joined) + len(piece)) if piece else (len(joined), len(joined)))
        joined += piece
    return joined, spans


def squeeze(text: str) -> str:
    """Collapse every run of white space to one space and strip the ends."""
    return " ".join(text.split())


# --- invisible characters -------------------------------------------------------------------------------------

# Zero-width and bidi controls, fillers, interlinear marks, tag characters.
_HIDDEN_RANGES = ((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F))
_HIDDEN = (0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0)
_INVISIBLE = frozenset(_HIDDEN).union(*(range(first, last + 1) for first, last in _HIDDEN_RANGES))
# Lone surrogates too: JSON can spell them, no encoder takes them.
_CONTROLS = frozenset(
    code for code in (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000)) if code not in (0x09, 0x0A, 0x0D)
)


_JOINERS: Final = frozenset((0x200C, 0x200D))
_VIRAMA: Final = 9  # the combining class


def _shapes(before: str, after: str) -> bool:
    """Whether a joiner between these characters changes how they are written."""
    if unicodedata.combining(before) == _VIRAMA:
        return unicodedata.category(after) == "Lo" and ord(after) not in _INVISIBLE
    return all("\u0620" <= char <= "\u06ff" and unicodedata.category(char) == "Lo" for char in (before, after))


def _is_selector(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF or 0x180B <= code <= 0x180D


def _is_pictograph(char: str) -> bool:
    return unicodedata.category(char) in ("So", "Sk") or char in "#*0123456789©®‼⁉"


def strip_invisible(text: str) -> str:
    """Remove what a reader cannot see: tag characters, zero-width and bidi controls, other controls, stray selectors.

    A variation selector stays behind an ideograph or a pictograph (the emoji selectors only there), and a zero-width
    joiner stays between two pictographs; joiners and non-joiners stay where a script is written with them, between two
    Arabic letters and behind an Indic virama. Tab and line breaks stay.
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for index, char in enumerate(text):
        code = ord(char)
        if code in _JOINERS and kept and index + 1 < len(text) and _shapes(kept[-1], text[index + 1]):
            kept.append(char)
            continue
        if code == 0x200D and kept and index + 1 < len(text):
            previous = kept[-2] if _is_selector(ord(kept[-1])) and len(kept) > 1 else kept[-1]
            if unicodedata.category(previous) in ("So", "Sk") and unicodedata.category(text[index + 1]) == "So":
                kept.append(char)
            continue
        if code in _INVISIBLE or code in _CONTROLS:
            continue
        if _is_selector(code) and not (kept and _selector_fits(kept[-1], code)):
            continue
        kept.append(char)
    return "".join(kept)


#: What a spreadsheet takes a cell for a formula by, or drops and then takes it for one.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def one_line(text: str) -> str:
    """Return what a reader can see of ``text``, on one line: fit for a title, a list, a terminal."""
    return " ".join(strip_invisible(text).split())


def _selector_fits(before: str, code: int) -> bool:
    if is_cjk(before):
        return code < 0x180B or 0xFE00 <= code <= 0xFE02 or code >= 0xE0100
    return 0xFE0E <= code <= 0xFE0F and _is_pictograph(before)


# --- content terms --------------------------------------------------------------------------------------------

_STOP_ZH = re.compile(
    "请问|請問|什么|什麼|甚么|甚麼|哪些|哪里|哪裡|哪裏|哪兒|哪个|哪個|哪家|哪位|哪种|哪年|哪|谁|誰|多少|几个|幾個|几|幾"
    "|多[长長大高久远遠快重宽寬](?:时间|時間)?|怎么样|怎么|怎麼|怎样|怎樣|如何|是否|有没有|能否|可否|可以|为何|為何|为什么|為什麼"
    "|何时|何時|何处|何處|何人|何种|何|應該|应该|需要|告诉我|一下|我想知道|一个|一種|一种|这个|那个|以及|其中|他们|我们|你们|它们"
    "|[的地得了着過过吗呢吧啊呀嘛是在有为為被把和與与及或也都就而其之于於以从從对對这這那些個个]"
)
_FUNCTION_WORDS = """
a an the of in on at to for from by with and or but as is are was were be been being do does did has have had
what which who whom whose when where why how many much that this these those it its he she they them his her
their there i you we our your my can could may might will would shall should must not no than then into about
over under between during through after before up down out off so if such any all some each other most more
please tell me us name give called
"""
_STOP_EN = frozenset(_FUNCTION_WORDS.split())
_TOKEN = re.compile(f"[{_CJK}]+|[a-zà-ɏ0-9][a-zà-ɏ0-9_.%/+-]*")
_SUFFIXES = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ied", "y"), ("ed", ""), ("es", ""), ("s", ""), ("ly", ""))


def fold(text: str) -> str:
    """NFKC and lower case: full-width forms become plain ones."""
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Cut the commonest English endings; words of four letters or fewer and words with digits stay."""
    if len(word) <= 4 or not word.isalpha():
        return word
    for ending, replacement in _SUFFIXES:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            cut = word[: -len(ending)] + replacement
            return cut[:-1] if len(cut) > 4 and cut[-1] == "e" else cut
    return word[:-1] if word[-1] == "e" else word


def content_terms(text: str, *, bare: bool = False) -> list[str]:
    """Return the terms that carry meaning, in order, with repeats: Chinese character bigrams, stemmed words, numbers.

    ``bare`` leaves out Chinese words that only ask or only join (什么, 多少, 的, 为) before bigrams are formed;
    English ones are always left out.
    """
    folded = fold(text)
    if bare:
        folded = _STOP_ZH.sub(" ", folded)
    terms: list[str] = []
    for match in _TOKEN.finditer(folded):
        token = match.group()
        if is_cjk(token[0]):
            terms.extend([token] if len(token) == 1 else [token[i : i + 2] for i in range(len(token) - 1)])
            continue
        token = token.rstrip("._/+-")
        if token and token not in _STOP_EN:
            terms.append(stem(token))
    return terms
