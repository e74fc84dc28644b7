"""Proper names in text: people, places, organisations, brands, as far as writing and the dictionary tell."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from wenyuan.words.background import background
from wenyuan.words.terms import known_words, stem, tagged_words, tokens

#: Tags of the segmenter's dictionary: persons, places, organisations, other proper names.
_NAME_TAGS: Final = ("nr", "ns", "nt", "nz")
_DOTTED: Final = re.compile(r"[\u4e00-\u9fff]{1,6}(?:[·•・][\u4e00-\u9fff]{1,7})+")
_TITLED: Final = re.compile(r"《[^《》]{1,30}》")
_CAPITAL: Final = re.compile(r"[A-ZÀ-Þ][\w’'À-ÿ-]*")
_JOINS: Final = "与和由向被给对比及的至为以购了从在是"
#: A firm: its own name of two or three characters, then its trade.
_FIRM: Final = re.compile(
    rf"(?<![^\W{_JOINS}])(?P<own>(?:(?![{_JOINS}])[\u4e00-\u9fff]){{2,3}})"
    r"(?:电气|电器|电子|科技|软件|网络|信息|通信|铜业|矿业|钢铁|铸造|重工|机械|汽车|石化|化工|能源|电力|资本|投资|控股|证券|保险|物流|航运|制药|药业|医药|生物|食品|实业|地产"
    r"|置业|建设|工程|传媒|集团|股份|银行|公司|智配)"
)
_PLAIN: Final = """
本地 国有 民营 外资 合资 上市 控股 有限 股份 母子 全资 我们 本国 中国 该家 这家 各家 大型 小型 中型 开发 使用
操作 应用 系统 投资 风险 人民 商业 项目 计算机 数据
"""
_PLAIN_FIRM: Final = frozenset(_PLAIN.split())
_COMMON: Final = 2e-6
#: Times that a word was counted for the dictionary from which a person's name is taken for a word: 许可, 高峰.
_COMMON_WORD: Final = 300
_SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方"
    "石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)


@cache
def _dictionary() -> frozenset[str]:
    """Return the words of the dictionary that are only names; a person's name that is common is a word as well."""
    return frozenset(
        word
        for word, count, tag in tagged_words()
        if tag.startswith(_NAME_TAGS)
        and len(word) > 1
        and not _BINDS.search(word)
        and not (tag.startswith("nr") and count > _COMMON_WORD)
    )


def names(plain: str, lowered: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, certain) of the names in text; ``lowered`` is the text, normalised, character by character.

    English: runs of capitalised words, without a common word that only begins the sentence. Chinese: words that the
    dictionary calls names, names with a middle dot, titles, a surname with what no word explains, and words that no
    dictionary knows.
    """
    taken: list[tuple[int, int]] = []
    for match in _DOTTED.finditer(plain):
        last = max(plain.rfind(dot, *match.span()) for dot in "·•・") + 1
        ordinary = (
            last + a
            for a, b in tokens(lowered[last : match.end()])
            if a and b - a > 1 and _known(lowered[last + a : last + b])
        )
        end = next(ordinary, match.end())
        while _BINDS.fullmatch(plain[end - 1]) or plain[end - 1] in _JOINS:
            end -= 1
        taken.append((match.start(), end))
    taken += [match.span() for match in _TITLED.finditer(plain)]
    taken += [m.span() for m in _FIRM.finditer(lowered) if m["own"] not in _PLAIN_FIRM]
    yield from ((start, end, True) for start, end in taken)
    for start, end, certain in (*((a, b, True) for a, b in _latin(plain, lowered)), *_chinese(lowered)):
        if not any(left < end and start < right for left, right in taken):
            yield start, end, certain


def _latin(plain: str, lowered: str) -> Iterator[tuple[int, int]]:
    run: list[int] = []
    for match in _CAPITAL.finditer(plain):
        begins = not plain[: match.start()].rstrip() or plain[: match.start()].rstrip()[-1:] in '.!?:;。！？\n|-"“'
        word = stem(lowered[match.start() : match.end()].removesuffix("'s").removesuffix("’s"))
        common = background().frequency(f"w{word}") > _COMMON
        if match.group() in _CURRENCIES:
            continue
        if run and plain[run[1] : match.start()] in (" ", " of ", " of the ", " & "):
            run[1] = match.end()
            continue
        if run:
            yield run[0], run[1]
        follows = re.match(r" [A-Z]", plain[match.end() : match.end() + 2]) is not None
        skip = (begins and common and not follows) or (begins and word in _OPENERS) or len(word) < 2
        run = [] if skip else [match.start(), match.end()]
    if run:
        yield run[0], run[1]


#: Characters that no proper name of the dictionary holds, and that a word which no dictionary knows loses at its edges.
_BINDS: Final = re.compile(r"[之的起为]")
_EDGES: Final = re.compile(r"^[比与和由向被给对从在把将以于及至]|[为是了的于在与和及至]$")
_CURRENCIES: Final = frozenset(("RMB", "CNY", "USD", "EUR", "GBP", "JPY", "HKD"))
_OPENING: Final = """
the a an in on at of by for from with after before during since until while when if this that these those it
he she they we there their its his her no any all each every some unless within without between under over as
both however compared according running nobody anybody also although despite
"""
_OPENERS: Final = frozenset(_OPENING.split())


def _chinese(lowered: str) -> Iterator[tuple[int, int, bool]]:
    spans = [span for span in tokens(lowered) if "\u4e00" <= lowered[span[0]] <= "\u9fff"]
    at = 0
    while at < len(spans):
        start, end = spans[at]
        word = lowered[start:end]
        step = 1
        if len(word) == 1 and word in _SURNAMES:
            # A surname, then a given name that the segmenter left in pieces: 孙 + 立军, 王 + 建国.
            following = spans[at + 1] if at + 1 < len(spans) and spans[at + 1][0] == end else None
            if following and following[1] - following[0] <= 2 and not _ordinary(lowered[slice(*following)]):
                end, step = following[1], 2
                yield start, end, True
        elif len(word) > 1 and word in _dictionary():
            yield start, end, True
        elif len(word) > 1 and not known_words().get(word):
            bare = _EDGES.sub("", word)
            if len(bare) > 1 and (bare == word or not known_words().get(bare)):
                at_bare = start + word.find(bare)
                yield at_bare, at_bare + len(bare), False
        at += step


def _known(word: str) -> bool:
    return bool(known_words().get(word)) and word not in _dictionary()


def _ordinary(word: str) -> bool:
    return background().frequency(f"w{word}") > 2e-5
