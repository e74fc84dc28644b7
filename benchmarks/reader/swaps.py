"""Questions made wrong on purpose: a name, number, word or polarity of a question is changed.

Every change is a substitution ``old -> new``. Made in the question alone it leaves a question that the passage does not
answer; made in the question and in the passage alike it leaves one that it does, so that a model cannot tell the two by
the look of the question.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wenyuan.text import detect_language

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*|[一二三四五六七八九十百千万]{1,6}(?=[年月日号个位次名条种人岁世纪届代])")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'-]{2,}")
#: In an English text a capital tells a name, but not at the beginning of a sentence.
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][A-Za-z'-]{2,}")
_PAIRS = (
    "最大/最小 最高/最低 最早/最晚 最长/最短 最多/最少 最后/最初 最终/最初 之前/之后 以前/以后 东部/西部 南部/北部 "
    "增加/减少 上升/下降 提高/降低 增长/下降 出生/去世 生于/死于 开始/结束 成立/解散 建立/废除 父亲/母亲 "
    "儿子/女儿 丈夫/妻子 "
    "男性/女性 胜/负 赢得/输掉 击败/败给 国内/国外 左/右 支持/反对 同意/拒绝 允许/禁止 上游/下游 白天/夜晚 夏季/冬季 "
    "春/秋 新/旧 大/小 高/低 强/弱 主要/次要 优点/缺点 第一/第二 首次/末次 首个/最后一个 加入/退出 购买/出售 "
    "进口/出口 公开/秘密 相同/不同 可以/不可以 能够/不能 需要/不需要 属于/不属于 担任/拒绝担任 使用/禁止使用 获得/失去 "
    "导致/防止 包括/不包括 是/不是 有/没有 会/不会"
)
OPPOSITES: Mapping[str, str] = {
    a: b for pair in _PAIRS.split() for a, b in (pair.split("/"), pair.split("/")[::-1]) if not a.startswith("不")
}
# A word of these classes names something: a person, a place, an organisation, a thing, an action.
_SWAPPED = ("nr", "ns", "nt", "nz", "n", "v", "vn", "a", "t", "s")
_ASKING = re.compile(r"什么|哪|谁|何|几|多少|怎|如何|为什么|是否|吗|呢|是|有|在|被|会|能|可以|叫|做|要")


@dataclass(frozen=True, slots=True)
class Swap:
    """Replace ``old`` by ``new``; ``kind`` is number, name, word or opposite."""

    old: str
    new: str
    kind: str

    def on(self, text: str) -> str:
        """Return ``text`` with every ``old`` replaced."""
        return text.replace(self.old, self.new)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text by class, in order of their first use."""

    by_class: Mapping[str, tuple[str, ...]]

    def all(self) -> list[tuple[str, str]]:
        """Return (class, word) of every word."""
        return [(kind, word) for kind, words in self.by_class.items() for word in words]


def words_of(text: str) -> Words:
    """Tag ``text``; numbers and Latin words are classes of their own."""
    import jieba.posseg

    found: dict[str, dict[str, None]] = {}
    for number in _NUMBER.findall(text):
        found.setdefault("number", {})[number] = None
    english = detect_language(text) == "en"
    for word in (_NAME if english else _LATIN).findall(text):
        found.setdefault("latin", {})[word] = None
    for token in jieba.posseg.cut(text):
        kind = "nr" if token.flag.startswith("nr") else token.flag
        if kind in _SWAPPED and len(token.word) > 1 and not _ASKING.search(token.word) and not token.word.isascii():
            found.setdefault(kind, {})[token.word] = None
    return Words({kind: tuple(words) for kind, words in found.items()})


def swaps(question: Words, text: str, beside: Words, elsewhere: Words, chance: random.Random) -> list[Swap]:
    """Return possible swaps in random order: words for others of their class, opposites for each other.

    ``text`` is the question, ``beside`` are the words of its own passage, ``elsewhere`` those of a passage on something
    else. Words of the same passage come first: they make the change hard to see.
    """
    made: list[Swap] = []
    for kind, word in question.all():
        sources: Sequence[Words] = (beside, elsewhere) if chance.random() < 0.75 else (elsewhere, beside)
        for source in sources:
            others = [w for w in source.by_class.get(kind, ()) if w not in text and word not in w and w not in word]
            if others:
                label = kind if kind in ("number", "latin") else "name" if kind in ("nr", "ns", "nt", "nz") else "word"
                made.append(Swap(word, chance.choice(others), label))
                break
        else:
            if kind == "number" and word.isdigit():
                made.append(Swap(word, str(max(1, int(word) + chance.choice((-10, -3, -1, 1, 2, 7, 20)))), kind))
    chance.shuffle(made)
    made.sort(key=lambda s: s.kind == "word" and chance.random() < 0.6)
    opposites = [Swap(a, b, "opposite") for a, b in OPPOSITES.items() if a in text and len(a) > 1]
    if opposites and chance.random() < 0.5:
        made.insert(0, chance.choice(opposites))
    return made


def crossed(question: Words, text: str, chance: random.Random) -> str | None:
    """Return the question with two of its names exchanged (who did what to whom), or None when it has not two."""
    for kind in ("nr", "ns", "nt", "nz", "latin", "n"):
        names = [w for w in question.by_class.get(kind, ()) if text.count(w) == 1]
        if len(names) > 1:
            a, b = chance.sample(names, 2)
            if a not in b and b not in a:
                return text.replace(a, "\0").replace(b, a).replace("\0", b)
    return None
