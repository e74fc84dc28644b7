"""A text as the checks see it: words with weights, names, quantities, each in its clause."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from wenyuan.text import Language, detect_language
from wenyuan.words.background import background
from wenyuan.words.english import root
from wenyuan.words.quantities import Quantity, codes_in, quantities
from wenyuan.words.terms import normalise, simplified, stem, tokens
from wenyuan.words.written.names import names
from wenyuan.words.written.spelled import in_figures

# A condition belongs to what it conditions: "未经许可，不得操作" is one clause for the checks.
_CONDITION: Final = re.compile(
    r"(?:未经|除非|没有[^，,。；]{0,20}(?:许可|批准|同意))[^，,。；]*[，,]|\b(?:unless|without)\b[^,.;]*,"
)
_CLAUSE: Final = re.compile(
    r"(?<!\d),|,(?!\d)|[，；;。！？!?\n]|[:：](?!\d)|\.\s|(?<=[a-z0-9%)])\s(?:but|and|while|whereas)\s|(?<=[\u4e00-\u9fff\d])(?:但|而且|并且|且)(?=[\u4e00-\u9fff])"
)
#: Parties of a contract, whose second sign the segmenter takes for a part of the next word: 买方向卖方.
_PARTY: Final = re.compile(
    r"(?:[甲乙丙买卖供需]|出租|承租|发包|承包|委托|受托|转让|受让)方(?![法式案便面]|向(?!甲|乙|丙|买|卖|供|需|对|出|承|发|委|受|转|其))"
)
#: A word that the segmenter cuts in two behind a sign: 不适 用于.
_CUT: Final = re.compile(r"(?<=[不也均仍都并])(?:适用|足以)(?=于|[\u4e00-\u9fff])")
#: The year before or after another one is no length of time.
_RELATIVE: Final = re.compile(r"(?:前|上|次|翌|隔)$")
_TITLE: Final = re.compile(r"^(?:the|mr|mrs|ms|miss|dr|prof)\.?\s")
_CURRENCY: Final = re.compile(r"\b(?:rmb|cny|usd|eur|gbp|jpy|hkd)\s?$|人民币$")
_BEHIND: Final = re.compile(r"\s?(?:以|之)?[内上下前后]")
_STOP_WORDS: Final = """
的 地 得 了 是 在 有 为 于 与 和 及 或 等 其 该 应 须 将 从 到 由 被 把 以 向 对 给 每 自 之 并 而 但 也 都
就 这 那 我 你 他 她 它 们 一 个 上 下 中 里 内 外 前 后 时 年 月 日 元 人 可 可以 能 必须 应当 如 若 则 不
没 没有 无 未 非 起 至 者 所 会 还 又 再 只 最 更 较 很 已 已经 曾 曾经 不得 不能 超过 高于 低于 不超过 至少
至多 任何人 未经 无须 无需 之 以内 根据 资料 文中 指出 记载 以及 因为 由于 所以
而且 并且 如果 因此 但是 不过 此外 另外 其中
the a an of in on at to for
from by with and or but as is are was were be been being do does did has have had which who that this these
those it its he she they his her their there than then into about over under between during through after
before up down out off so if such may might will would shall should must can could not no nor according
exceed exceeds exceeding exceeded most least more less fewer minimum maximum
document text states what when where how per each every any all also however
"""
_STOP: Final = frozenset(_STOP_WORDS.split())
#: Signs that only join words: what the segmenter makes of them alone is no word (后须).
_JOINING: Final = frozenset("后须前应得可将已仍均也还需再先才则即就如若但而且并或及由被把在至为之其该此各以于皆只仅")
#: What a statement calls what it speaks of, and the passage need not: 加班规定, *the rule on overtime*.
_HOLLOW_WORDS: Final = "规定 制度 办法 情况 事项 方面 问题 内容 工作 rule matter case situation aspect"
_HOLLOW: Final = frozenset(_HOLLOW_WORDS.split())
_HOLLOW_WEIGHT: Final = 0.2
_HEAVIEST: Final = 8.8
_LIGHTEST: Final = 0.15


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"
    NAME = "name"
    #: A word that no dictionary knows: a brand, a product, a term of a trade.
    RARE = "rare"
    CODE = "code"
    QUANTITY = "quantity"


@dataclass(frozen=True, slots=True)
class Token:
    """A content word, name, code or quantity; ``start``/``end`` are offsets in ``Reading.plain``.

    ``key`` compares equal for forms of one word; ``clause`` numbers clauses from 0, ``place`` tokens; ``weight`` is
    between 0 (everywhere) and 1 (rare).
    """

    key: str
    kind: Kind
    start: int
    end: int
    clause: int
    place: int
    weight: float
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """``plain``: NFKC text in simplified characters with numbers in figures; ``lowered`` the same in lower case."""

    plain: str
    lowered: str
    language: Language
    tokens: tuple[Token, ...]
    clauses: tuple[tuple[int, int], ...]

    def clause(self, number: int) -> str:
        """Return the lower-case text of a clause."""
        return self.lowered[slice(*self.clauses[number])]


def read(text: str) -> Reading:
    """Read ``text``."""
    plain = in_figures(simplified(unicodedata.normalize("NFKC", text)))
    lowered = normalise(plain)
    if len(lowered) != len(plain):
        plain = lowered
    clauses = _clauses(lowered)
    found = [q for q in quantities(plain) if not _relative(plain, q)]
    parts: list[tuple[int, int, Kind, str, Quantity | None]] = [
        (q.start, q.end, Kind.QUANTITY, plain[q.start : q.end], q) for q in found
    ]
    rest = _masked(lowered, found)
    for pattern in (_PARTY, _CUT):
        parts += [(*match.span(), Kind.WORD, match.group(), None) for match in pattern.finditer(rest)]
        rest = pattern.sub(lambda m: " " * len(m.group()), rest)
    for code, start, end in codes_in(plain):
        if _free(parts, start, end):
            parts.append((start, end, Kind.CODE, code, None))
    spans = list(tokens(rest))
    for start, end, certain in names(plain, rest, spans):
        if _free(parts, start, end):
            parts.append((start, end, Kind.NAME if certain else Kind.RARE, _name_key(lowered[start:end]), None))
    for start, end in spans:
        word = lowered[start:end]
        if word not in _STOP and not _JOINING.issuperset(word) and not word.isdigit() and _free(parts, start, end):
            parts.append((start, end, Kind.WORD, word_key(word), None))
    parts.sort(key=lambda part: part[0])
    kept: list[Token] = []
    clause = 0
    for start, end, kind, key, quantity in parts:
        weight = _weight(key) if kind is Kind.WORD else 1.0
        if kind is Kind.WORD and weight < _LIGHTEST:
            continue
        while clause + 1 < len(clauses) and clauses[clause + 1][0] <= start:
            clause += 1
        kept.append(Token(key, kind, start, end, clause, len(kept), weight, quantity))
    return Reading(plain, lowered, detect_language(text), tuple(kept), tuple(clauses))


def _relative(plain: str, quantity: Quantity) -> bool:
    """Say whether 一年 is part of 比前一年."""
    one = quantity.kind == "number" and quantity.low == quantity.high == 1 and quantity.dimension == "year"
    return one and _RELATIVE.search(plain[: quantity.start]) is not None


def _masked(lowered: str, found: list[Quantity]) -> str:
    """Blank out quantities, their currency and what bounds them from behind, so that no word is made of these."""
    for quantity in found:
        behind, before = _BEHIND.match(lowered, quantity.end), _CURRENCY.search(lowered[: quantity.start])
        start, end = before.start() if before else quantity.start, behind.end() if behind else quantity.end
        lowered = lowered[:start] + " " * (end - start) + lowered[end:]
    return lowered


def _free(parts: list[tuple[int, int, Kind, str, Quantity | None]], start: int, end: int) -> bool:
    return not any(part[0] < end and start < part[1] for part in parts)


def _clauses(lowered: str) -> list[tuple[int, int]]:
    bound = [match.span() for match in _CONDITION.finditer(lowered)]
    cuts = [m.end() for m in _CLAUSE.finditer(lowered) if not any(a <= m.start() < b for a, b in bound)]
    edges = [0, *cuts, len(lowered)]
    return [(a, b) for a, b in pairwise(edges) if b > a] or [(0, len(lowered))]


@lru_cache(maxsize=50_000)
def word_key(word: str) -> str:
    """Return what the forms of a word share: the root of an English word, a Chinese word itself."""
    return root(word) or stem(word)


def _name_key(lowered: str) -> str:
    return re.sub(r"['’]s$|[《》\s]", "", _TITLE.sub("", lowered))


@lru_cache(maxsize=50_000)
def _weight(key: str) -> float:
    if key in _HOLLOW:
        return _HOLLOW_WEIGHT
    known = background()
    term = f"s{key}" if key.isascii() and known.known(f"s{key}") else f"w{key}"
    return min(1.0, known.idf(term) / _HEAVIEST)
