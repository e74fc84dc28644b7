"""Statements made of real sentences: one sentence of a paragraph, said otherwise, and with one thing changed."""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from benchmarks.answering.facts.cases import Case
from benchmarks.answering.facts.values import chinese, english, figure
from benchmarks.extractive.squad import QuestionSet
from wenyuan.text import detect_language, sentences

_SAME = {
    "zh": (
        ("位于", "坐落于"),
        ("由于", "因为"),
        ("因此", "所以"),
        ("但是", "不过"),
        ("但", "然而"),
        ("开始", "起"),
        ("大约", "约"),
        ("成立", "创立"),
        ("共有", "总共有"),
        ("以及", "和"),
        ("并且", "而且"),
        ("担任", "出任"),
        ("包括", "包含"),
        ("出生于", "生于"),
        ("建造", "修建"),
        ("目前", "现在"),
        ("主要", "主要地"),
        ("非常", "十分"),
        ("获得", "取得"),
        ("称为", "叫做"),
        ("利用", "运用"),
    ),
    "en": (
        ("located in", "situated in"),
        ("because", "since"),
        ("however", "nevertheless"),
        ("approximately", "about"),
        ("founded", "established"),
        ("began", "started"),
        ("many", "numerous"),
        ("large", "big"),
        ("use", "employ"),
        ("such as", "for example"),
        ("built", "constructed"),
        ("often", "frequently"),
        ("important", "significant"),
        ("became", "turned into"),
        ("received", "got"),
        ("main", "principal"),
        ("about", "roughly"),
        ("area", "region"),
        ("country", "nation"),
        ("while", "whereas"),
        ("major", "principal"),
        ("includes", "comprises"),
        ("also", "likewise"),
    ),
}
_LEAD = {"zh": ("根据资料，", "文中指出，", "据记载，"), "en": ("According to the document, ", "The text states that ")}
_OPPOSITE = {
    "zh": (
        ("超过", "不到"),
        ("至少", "至多"),
        ("以上", "以下"),
        ("高于", "低于"),
        ("大于", "小于"),
        ("多于", "少于"),
        ("早于", "晚于"),
        ("之前", "之后"),
        ("以前", "以后"),
        ("增加", "减少"),
        ("上升", "下降"),
        ("最大", "最小"),
        ("最高", "最低"),
        ("最早", "最晚"),
    ),
    "en": (
        ("more than", "less than"),
        ("at least", "at most"),
        ("over", "under"),
        ("higher than", "lower than"),
        ("increased", "decreased"),
        ("before", "after"),
        ("larger than", "smaller than"),
        ("above", "below"),
        ("the largest", "the smallest"),
        ("the highest", "the lowest"),
        ("the first", "the last"),
    ),
}
_DENY = {
    "zh": (
        (r"不是|不为", "是"),
        (r"没有", "有"),
        (r"(?<![但要若就可还即正总于也都不])是(?![否非])", "不是"),
        (r"可以", "不可以"),
        (r"能够", "不能够"),
        (r"位于", "并不位于"),
        (r"包括", "不包括"),
        (r"属于", "不属于"),
        (r"(?<!没)(?<![仅只所具])有(?![关效限时些人的])", "没有"),
        (r"成为", "没有成为"),
        (r"获得", "未获得"),
        (r"出现", "没有出现"),
    ),
    "en": (
        (r"\b(was|were|is|are|can|could|would|did|does|do|will|has|have|had) not\b", r"\1"),
        (r"\b(was|were|is|are|can|could|would|will)\b(?! not)", r"\1 not"),
        (r"\bhad been\b", "had not been"),
    ),
}
_UNIT_OF = {
    "zh": (
        ("公里", "公尺"),
        ("米", "公里"),
        ("万", "亿"),
        ("亿", "万"),
        ("年", "个月"),
        ("小时", "分钟"),
        ("美元", "欧元"),
        ("吨", "公斤"),
        ("人", "万人"),
        ("平方公里", "平方米"),
        ("天", "个月"),
        ("%", "‰"),
        ("公斤", "吨"),
        ("个月", "年"),
        ("分钟", "小时"),
    ),
    "en": (
        ("million", "billion"),
        ("billion", "million"),
        ("miles", "metres"),
        ("km", "miles"),
        ("years", "months"),
        ("days", "weeks"),
        ("metres", "km"),
        ("percent", "per mille"),
        ("hours", "minutes"),
        ("feet", "miles"),
        ("kilometres", "miles"),
        ("months", "years"),
        ("weeks", "days"),
        ("minutes", "hours"),
        ("%", "‰"),
    ),
}
_FIGURES = re.compile(
    r"(?<![\w.,/-])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![A-Za-z\d.,/-])\d+(?:\.\d+)?(?![\d,.]*\d|[A-Za-z-])"
)
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20[0-2]\d)(?!\d)")
_BRACKETS = re.compile(r"\s?[（(][^（()）]*[)）]")
_BOUNDS = {"zh": (14, 110), "en": (40, 260)}

Change = Callable[[str, random.Random], str | None]


def real_cases(data: QuestionSet, rng: random.Random, count: int, *, false: bool) -> list[Case]:
    """Return up to ``count`` statements over the paragraphs of a set, the kinds of change in turn."""
    kinds = ("number", "date", "unit", "name", "negation", "range")
    names = [[a for c in data.cases if c.gold == i for a in c.answers] for i in range(len(data.paragraphs))]
    found: list[Case] = []
    turn = 0
    for place in _endless(len(data.paragraphs), rng):
        if len(found) == count or turn > 60 * count:
            break
        turn += 1
        paragraph = data.paragraphs[place]
        language = detect_language(paragraph)
        low, high = _BOUNDS[language]
        usable = [s.text for s in sentences(paragraph) if low <= len(s.text) <= high and s.text[-1] in "。.!？"]
        if not usable:
            continue
        # A set may hold no more of a kind, as names in a small one: every try goes on to the next kind.
        kind = kinds[turn % len(kinds)] if false else ""
        said = reworded(rng.choice(usable), language, rng)
        if false:
            changed = _change(kind, said, names[place], language, rng)
            if changed is None or _means_same(changed, paragraph):
                continue
            said = changed
        found.append(Case(said, (paragraph,), language, language, kind, f"{data.name}:{place}"))
    return found


def half(data: QuestionSet, *, first: bool) -> QuestionSet:
    """Return one half of the paragraphs of a set with their questions."""
    middle = len(data.paragraphs) // 2
    kept = range(middle) if first else range(middle, len(data.paragraphs))
    cases = tuple(replace(c, gold=c.gold - kept.start) for c in data.cases if c.gold in kept)
    return QuestionSet(data.name, data.paragraphs[kept.start : kept.stop], cases)


def parallel_cases(said: QuestionSet, given: QuestionSet, rng: random.Random, count: int, *, false: bool) -> list[Case]:
    """Return statements of one translation over the paragraphs of the other; the paragraphs go in the same order."""
    found = []
    for case in real_cases(said, rng, count, false=false):
        passage = given.paragraphs[int(case.origin.rsplit(":", 1)[1])]
        found.append(replace(case, passages=(passage,), passage_language=detect_language(passage)))
    return found


def _means_same(changed: str, paragraph: str) -> bool:
    return changed.rstrip("。.") in paragraph


def _endless(size: int, rng: random.Random) -> Iterator[int]:
    while True:
        yield from rng.sample(range(size), size)


def reworded(sentence: str, language: str, rng: random.Random) -> str:
    """Say a sentence otherwise without changing what it says."""
    text = sentence
    if rng.random() < 0.5:
        text = _BRACKETS.sub("", text)
    text = _other_figures(text, language, rng)
    pairs = [(a, b) for a, b in _SAME[language] if (re.search(rf"\b{a}\b", text) if language == "en" else a in text)]
    for old, new in rng.sample(pairs, min(len(pairs), 2)):
        text = re.sub(rf"\b{old}\b", new, text, count=1) if language == "en" else text.replace(old, new, 1)
    clauses = re.split(r"(?<=，)|(?<=,)\s+(?=\D)", text.rstrip("。."))
    stop = "。" if language == "zh" else "."
    joined = "" if "，" in text else " "
    if len(clauses) >= 3 and rng.random() < 0.4:
        text = joined.join(clauses[:-1]).rstrip("，,") + stop
    elif (
        language == "en"
        and len(clauses) == 2
        and re.match(r"(?:In|On|During|Since|By) ", clauses[0])
        and rng.random() < 0.7
    ):
        lead = clauses[0].rstrip(",")
        text = f"{clauses[1][0].upper()}{clauses[1][1:]} {lead[0].lower()}{lead[1:]}{stop}"
    if rng.random() < 0.2:
        text = rng.choice(_LEAD[language]) + text
    return text


def _other_figures(text: str, language: str, rng: random.Random) -> str:
    def date(match: re.Match[str]) -> str:
        y, m, d = (int(g) for g in match.groups())
        return rng.choice([match.group(), f"{y}-{m:02d}-{d:02d}", f"{y}/{m}/{d}"])

    def number(match: re.Match[str]) -> str:
        plain = match.group().replace(",", "")
        value = float(plain)
        before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
        if "." in plain or value < 11 or after in "年月日號号:：-–/" or before in "-–/:第" or _YEAR.fullmatch(plain):
            return match.group()
        whole = int(value)
        forms = [match.group(), plain, f"{whole:,}"]
        if language == "zh" and after not in "万萬亿億千百十":
            forms += [f"{figure(whole / 1e4)}万"] if whole >= 10_000 and whole % 100 == 0 else []
            forms += [chinese(whole)] if whole < 10_000 and after in "人名公平米年天个個座种種所家台" else []
        if language == "en" and whole < 1000 and re.match(r"\s[a-z]", text[match.end() : match.end() + 2]):
            forms.append(english(whole))
        return rng.choice(forms)

    return _FIGURES.sub(number, _DATE.sub(date, text) if language == "zh" else text)


def _change(kind: str, text: str, names: Sequence[str], language: str, rng: random.Random) -> str | None:
    if kind == "number":
        return _change_number(text, language, rng)
    if kind == "date":
        return _change_year(text, rng)
    if kind == "name":
        return _change_name(text, names, rng)
    if kind == "negation":
        return _deny(text, language, rng)
    if kind == "unit":
        return _change_unit(text, language, rng)
    return _change_word(text, _OPPOSITE[language], language, rng)


def _change_number(text: str, language: str, rng: random.Random) -> str | None:
    places = [
        m
        for m in _FIGURES.finditer(text)
        if not _YEAR.fullmatch(m.group()) and text[m.end() : m.end() + 1] not in "年月日"
    ]
    if not places:
        return None
    match = rng.choice(places)
    value = float(match.group().replace(",", ""))
    other = rng.choice([value + 1, value * 10, value + 10, value * 2 + 1])
    return text[: match.start()] + figure(other) + text[match.end() :]


def _change_year(text: str, rng: random.Random) -> str | None:
    places = list(_YEAR.finditer(text))
    if not places:
        return None
    match = rng.choice(places)
    year = int(match.group()) + rng.choice((-10, -3, -1, 1, 2, 10))
    return text[: match.start()] + str(year) + text[match.end() :]


def _change_name(text: str, names: Sequence[str], rng: random.Random) -> str | None:
    """Put another answer of the same paragraph, a name as well, in the place of one that the sentence holds."""
    proper = [n for n in dict.fromkeys(names) if _proper(n)]
    held = [n for n in proper if n in text]
    others = [n for n in proper if n not in text]
    if not held or not others:
        return None
    old = rng.choice(held)
    same = [n for n in others if old not in n and n not in old]
    return text.replace(old, rng.choice(same)) if same else None


def _proper(name: str) -> bool:
    if detect_language(name) == "zh":
        return bool(re.fullmatch(r"[\u4e00-\u9fff·]{2,8}", name)) and (
            "·" in name or name[-1] in "省市县縣区區国國州岛島山河湖江寺院校部军軍队隊党黨社城镇鎮村站路街桥橋族"
        )
    return bool(re.fullmatch(r"(?:[A-Z][\w'’-]+)(?: (?:of |the )?[A-Z][\w'’-]+)*", name))


def _deny(text: str, language: str, rng: random.Random) -> str | None:
    options = [(p, r) for p, r in _DENY[language] if len(re.findall(p, text)) == 1]
    if not options:
        return None
    pattern, replacement = options[0] if rng.random() < 0.5 else rng.choice(options)
    return re.sub(pattern, replacement, text, count=1)


def _change_unit(text: str, language: str, rng: random.Random) -> str | None:
    options = []
    for old, new in _UNIT_OF[language]:
        end = r"(?![a-z])" if language == "en" else r"(?![月代级級方])"
        pattern = rf"(\d\s?){re.escape(old)}{end}"
        match = re.search(pattern, text)
        if match and not (old == "年" and re.search(r"\d{4}\s?年", text)):
            options.append((pattern, new))
    if not options:
        return None
    pattern, new = rng.choice(options)
    return re.sub(pattern, rf"\g<1>{new}", text, count=1)


def _change_word(text: str, pairs: Sequence[tuple[str, str]], language: str, rng: random.Random) -> str | None:
    edge = r"\b" if language == "en" else ""
    both = [*pairs, *((b, a) for a, b in pairs)]
    options = [(a, b) for a, b in both if len(re.findall(edge + a + edge, text)) == 1]
    if not options:
        return None
    old, new = rng.choice(options)
    return re.sub(edge + old + edge, new, text, count=1)
