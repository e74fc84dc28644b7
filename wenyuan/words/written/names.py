"""Proper names in text: people, places, organisations, brands, as far as writing and the dictionary tell."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import Final

from wenyuan.words.background import background
from wenyuan.words.terms import known_words, stem, tagged_words, tokens

#: Tags of the segmenter's dictionary: persons, places, organisations, other proper names.
_NAME_TAGS: Final = ("nr", "ns", "nt", "nz")
_DOTTED: Final = re.compile(r"[\u4e00-\u9fff]{1,6}(?:[·•・][\u4e00-\u9fff]{1,7})+")
_TITLED: Final = re.compile(r"《[^《》]{1,30}》")
#: Who stands for anybody.
_ANYBODY: Final = re.compile(r"张三|李四|王五|赵六")
_CAPITAL: Final = re.compile(r"[A-ZÀ-Þ][\w’'À-ÿ-]*")
_JOINS: Final = "与和由向被给对比及的至为以购了从在是"
#: A firm: its own name of two or three characters, then its trade.
_FIRM: Final = re.compile(
    rf"(?<![^\W{_JOINS}])(?P<own>(?:(?![{_JOINS}])[\u4e00-\u9fff]){{2,3}})"
    r"(?:电气|电器|电子|科技|软件|网络|信息|通信|铜业|矿业|钢铁|铸造|重工|机械|汽车|石化|化工|能源|电力|资本|投资|控股|证券|保险|物流|航运|制药|药业|医药|生物|食品|实业|地产"
    r"|置业|建设|工程|传媒|集团|股份|银行|公司|智配)"
)
#: Other trades, of a firm only behind a name that is no common word: 恒泰药业, but not 城市交通.
_TRADE_WORDS: Final = """
种业 水务 检测 航空 光谱 光电 光学 酒店 餐饮 服饰 纺织 家居 玻璃 水泥 船舶 铁路 轨道 环保 医疗 器械 基因 农业
牧业 渔业 乳业 酒业 纸业 印刷 影视 文化 教育 咨询 装饰 园林 安防 半导体 芯片 新材 橡胶 塑料 家电 照明 仪器 仪表
游戏 电商 零售 百货 超市 快递 速运 信托 基金 期货 资讯 动画 娱乐 唱片 体育 旅游 出版 地铁 精密 精工 数控 轴承
阀门 电缆 电机 变压器厂 锅炉厂 水电 核电 风电 燃气 热力 粮油 食用油 饮料 家具 涂料 陶瓷 电气 电器 电子 科技
软件 网络 信息 通信 铜业 矿业 钢铁 铸造 重工 机械 汽车 石化 化工 能源 电力 资本 投资 控股 证券 保险 物流 航运
制药 药业 医药 生物 食品 实业 地产 置业 建设 工程 传媒 集团 银行
"""
_TRADES: Final = frozenset(_TRADE_WORDS.split())
#: Things that are sold under a name: 星河打印机.
_THING: Final = re.compile(
    r"[\u4e00-\u9fff]{0,3}(?:[机器炉泵柜阀仪车舰艇船]|系统|平台|软件|网关|开关|芯片|手机|电脑|模型|轮胎|胶囊|疫苗)"
)
_COMMON_OWN: Final = 400
#: What counts or points is no part of a name (两具灭火器), nor is a party of a contract.
_NO_OWN: Final = re.compile(r"^[一二两三四五六七八九十几多每各本该此首那这某]|方$")
_COMMON_BRAND: Final = 250
#: Surnames of two characters.
_DOUBLE_NAMES: Final = "欧阳 司马 上官 诸葛 慕容 令狐 皇甫 尉迟 公孙 夏侯 独孤 司徒 端木 东郭 南宫"
_DOUBLE: Final = frozenset(_DOUBLE_NAMES.split())
_PLAIN: Final = """
本地 国有 民营 外资 合资 上市 控股 有限 股份 母子 全资 我们 本国 中国 该家 这家 各家 大型 小型 中型 开发 使用
操作 应用 系统 投资 风险 人民 商业 项目 计算机 数据 目前 当前 如今 主体 配套 附属 总体 主要 重点 相关 有关 整个
"""
_PLAIN_FIRM: Final = frozenset(_PLAIN.split())
#: Cities that the dictionary takes for people, things or actions.
_CITY_WORDS: Final = """
柏林 首尔 名古屋 波士顿 西雅图 达拉斯 底特律 迈阿密 多伦多 温哥华 布里斯班 珀斯 奥克兰 惠灵顿 莫斯科 基辅
布拉格 布达佩斯 苏黎世 伯尔尼 都灵 威尼斯 马德里 鹿特丹 安特卫普 卢森堡 法兰克福 慕尼黑 科隆 斯图加特 里昂
马赛 尼斯 曼彻斯特 伯明翰 利兹 都柏林 斯德哥尔摩 奥斯陆 赫尔辛基 伊斯坦布尔 安卡拉 开罗 利雅得 多哈 巴格达
新德里 卡拉奇 清迈 河内 胡志明市 吉隆坡 马尼拉 金边 仰光 圣保罗 利马 约翰内斯堡 拉各斯 平壤 高雄 拉萨 银川
海口 嘉兴 金华 义乌 南通 合肥 烟台 桂林 唐山 保定 大连
"""
_CITIES: Final = frozenset(_CITY_WORDS.split())
#: What is done to whoever is named behind it: 法院判恒泰药业赔偿.
_DOES_TO: Final = re.compile(r"^[判令称派聘告请](?=..$)")
_COMMON: Final = 2e-6
#: Times that a word was counted for the dictionary from which a person's name is taken for a word: 许可, 高峰.
_COMMON_WORD: Final = 300
#: Times that the first two characters of a common name may have been counted as a word: 黄金周 is none.
_COMMON_START: Final = 30
_SURNAMES: Final = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方"
    "石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)


#: Characters that names of other languages are written with.
_FOREIGN: Final = frozenset(
    "阿埃艾爱安奥巴贝比彼波伯布达德迪多厄尔法菲费佛弗夫冈戈格古哈海赫霍基吉加杰卡凯科克肯库拉莱兰劳勒雷里利林卢鲁伦罗洛马玛麦曼梅门蒙米莫"
    "姆穆拿纳娜内尼诺欧帕佩皮普奇乔切萨塞森沙圣史斯丝苏索塔泰汤特托瓦威韦维温沃乌西希夏谢辛休雅亚扬伊尤约泽詹兹夷其顿得丁根金"
)
_NO_PERSON: Final = frozenset(
    ("胡萝卜", "许可证", "石英砂", "杜鹃花", "马尾松", "文渊阁", "金水桥", "金水河", "黄鹤楼")
)
_ORGANISED: Final = re.compile(
    r"(?:公司|集团|大学|学院|医院|银行|[中小]学|研究[所院]|协会|委员会|俱乐部|[局厅部署厂队党军会社院])$"
)
_LAND: Final = re.compile(r"[省市县區区镇鎮乡鄉村國国州岛島山河湖江海洋港湾路街道站洲]$")


@cache
def _dictionary() -> dict[str, str]:
    """Return the words of the dictionary that are only names, with their tags.

    A person's name that is common is a word as well, unless it is written like no other word.
    """
    found = {
        word: tag
        for word, count, tag in tagged_words()
        if tag.startswith(_NAME_TAGS)
        and len(word) > 1
        and not _BINDS.search(word)
        and not (tag.startswith("nr") and count > _COMMON_WORD and not _only_a_name(word))
    }
    return found | dict.fromkeys(_CITIES, "ns")


def _only_a_name(word: str) -> bool:
    """Say whether a common word that the dictionary takes for a person's name can be nothing else: 毛泽东, 夏威夷."""
    if len(word) < 3 or word in _NO_PERSON:
        return False
    return all(char in _FOREIGN for char in word) or _full_name(word)


def _full_name(word: str) -> bool:
    """Say whether a word is a surname and two characters, and does not begin with another word."""
    return len(word) == 3 and word[0] in _SURNAMES and known_words().get(word[:2], 0) <= _COMMON_START


class Sort(StrEnum):
    """What a name is of."""

    PERSON = "person"
    PLACE = "place"
    FIRM = "firm"


def sort_of(name: str) -> Sort | None:
    """Return what a name in Chinese is of, as far as the way it is written and the dictionary tell."""
    if _ORGANISED.search(name) or name[-2:] in _TRADES:
        return Sort.FIRM
    tag = _dictionary().get(name, "")
    if tag.startswith("ns") or (_LAND.search(name) and not _full_name(name)):
        return Sort.PLACE
    if tag.startswith("nt"):
        return Sort.FIRM
    person = _DOTTED.fullmatch(name) or name[:2] in _DOUBLE or (len(name) in (2, 3) and name[0] in _SURNAMES)
    return Sort.PERSON if person else None


def names(plain: str, lowered: str, spans: Sequence[tuple[int, int]] | None = None) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, certain) of the names in text; ``lowered`` is the text, normalised, character by character.

    ``spans`` are the words of ``lowered`` where they are known already.

    English: runs of capitalised words, without a common word that only begins the sentence. Chinese: words that the
    dictionary calls names, names with a middle dot, titles, a surname with what no word explains, and words that no
    dictionary knows.
    """
    cut = tokens(lowered) if spans is None else spans
    chinese = [span for span in cut if "\u4e00" <= lowered[span[0]] <= "\u9fff"]
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
    taken += [match.span() for pattern in (_TITLED, _ANYBODY) for match in pattern.finditer(plain)]
    taken += [m.span() for m in _FIRM.finditer(lowered) if m["own"] not in _PLAIN_FIRM]
    taken += _compound(lowered, chinese)
    taken = sorted(dict.fromkeys(taken))
    yield from ((start, end, True) for start, end in taken)
    for start, end, certain in (*((a, b, True) for a, b in _latin(plain, lowered)), *_chinese(lowered, chinese)):
        if not any(left < end and start < right for left, right in taken):
            yield start, end, certain


def _latin(plain: str, lowered: str) -> Iterator[tuple[int, int]]:
    run: list[int] = []
    for match in _CAPITAL.finditer(plain):
        begins = not plain[: match.start()].rstrip() or plain[: match.start()].rstrip()[-1:] in '.!?:;。！？\n|-"“'
        word = stem(lowered[match.start() : match.end()].removesuffix("'s").removesuffix("’s"))
        common = all(background().frequency(f"w{part}") > _COMMON for part in word.split("-"))
        if match.group() in _CURRENCIES:
            continue
        if run and plain[run[1] : match.start()] in (" ", " of ", " of the ", " & "):
            run[1] = match.end()
            continue
        if run:
            yield run[0], run[1]
        follows = re.match(r" [A-Z]", plain[match.end() : match.end() + 2]) is not None
        opens = word in _OPENERS and (begins or not follows)
        skip = (begins and common and not follows) or opens or len(word) < 2
        run = [] if skip else [match.start(), match.end()]
    if run:
        yield run[0], run[1]


#: Characters that no proper name of the dictionary holds, and that a word which no dictionary knows loses at its edges.
_BINDS: Final = re.compile(r"[之的起为]")
_EDGES: Final = re.compile(
    r"^[比与和由向被给对从在把将以于及至要已再才先只时后即均都还可须应且]+|[为是了的于在与和及至要再才先时后因且也]+$"
)
_CURRENCIES: Final = frozenset(("RMB", "CNY", "USD", "EUR", "GBP", "JPY", "HKD"))
_OPENING: Final = """
the a an in on at of by for from with after before during since until while when if this that these those it
he she they we there their its his her no any all each every some unless within without between under over as
both however compared according running nobody anybody also although despite
"""
_OPENERS: Final = frozenset(_OPENING.split())


def _chinese(lowered: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
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
                yield at_bare, at_bare + len(bare), _full_name(bare)
        at += step


def _compound(lowered: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of firms and things by their own name and what they do, and of people with two surnames."""
    for (start, middle), (again, end) in pairwise(spans):
        if middle != again:
            continue
        kind = lowered[middle:end]
        whole = lowered[start:middle]
        own = _DOES_TO.sub("", whole) if kind in _TRADES or _THING.fullmatch(kind) else whole
        if own in _DOUBLE and len(kind) <= 2 and not _ordinary(kind):
            yield start, end
        elif 2 <= len(own) <= 3 and own not in _PLAIN_FIRM and not _NO_OWN.search(own) and not _EDGES.search(own):
            common = known_words().get(own, 0)
            if (kind in _TRADES and common < _COMMON_OWN) or (common < _COMMON_BRAND and _THING.fullmatch(kind)):
                yield middle - len(own), end


def _known(word: str) -> bool:
    return bool(known_words().get(word)) and word not in _dictionary()


def _ordinary(word: str) -> bool:
    return background().frequency(f"w{word}") > 2e-5
