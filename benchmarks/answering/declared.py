"""Questions that people asked, with the answer in the place of what they ask for: statements in words of their own.

Each is true of its paragraph; with the answer of another question of that kind it is false.
"""

import random
import re
from typing import Final

from benchmarks.answering.facts.cases import Case
from benchmarks.extractive.squad import QuestionSet

_WHEN: Final = r"(?:是)?在?(?:什[么麼][时時]候|何[时時]|哪一?年哪?月?哪?[日天]?|哪天|哪一天|什么年代)"
_WHO: Final = r"谁|誰|何人|哪一?[个個]人|哪位(?=[是在被于把为為])"
_WHERE: Final = (
    r"哪[里裡儿]|何地|何处|何處|什[么麼]地方|哪[座国國](?![\u4e00-\u9fff]?[山桥])"
    r"|哪[个個](?:国家|國家|城市|地方|省份?|市|县|縣)"
)
_FIRM: Final = r"哪[家所間间个個](?:公司|机构|機構|学校|學校|大学|大學|球队|球隊|组织|組織|俱乐部|乐队|樂隊|政党|部门)"
_COUNT: Final = r"多少(?=[\u4e00-\u9fff])|几(?=[个位名座次种部集年天层岁])"
_SLOTS: Final = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (("date", _WHEN), ("person", _WHO), ("place", _WHERE), ("firm", _FIRM), ("number", _COUNT))
)
#: Questions that no single phrase answers, or that their own words answer.
_OPEN: Final = re.compile(r"为什么|為什麼|为何|為何|如何|怎[么麼样樣]|哪些|是否|吗$|嗎$|呢$|[？?]|下列|什么是|\s")
_DATE: Final = re.compile(r"\d{3,4}年|\d月|世[纪紀]|年间|时期")
_NAME: Final = re.compile(r"[\u4e00-\u9fff·A-Za-z\- ]{2,14}(?<![的中里时])")
_NUMBER: Final = re.compile(r"约?大?约?[\d,.一二三四五六七八九十百千万亿两]+")
_ALREADY: Final = "从從自到至於于在是"


def declare(question: str, answer: str) -> tuple[str, str] | None:
    """Return the kind of a question and its statement; None where it cannot be made by putting the answer in."""
    plain = question.strip().rstrip("？?。 ")
    if _OPEN.search(plain):
        return None
    places = [(kind, match) for kind, pattern in _SLOTS for match in pattern.finditer(plain)]
    if len(places) != 1:
        return None
    kind, match = places[0]
    said = _put(kind, answer, match.group(), plain[: match.start()], plain[match.end() :])
    return None if said is None else (kind, f"{plain[: match.start()]}{said}{plain[match.end() :]}。")


def _put(kind: str, answer: str, asked: str, before: str, behind: str) -> str | None:
    if kind == "date":
        if not _DATE.search(answer) or len(answer) > 14:
            return None
        lead = "" if before[-1:] and before[-1] in _ALREADY else "是在" if asked.startswith("是") else "在"
        return lead + answer
    if kind == "number":
        number = _NUMBER.match(answer)
        unit = answer[number.end() :] if number else ""
        return number.group() if number and len(answer) <= 12 and (not unit or unit[0] == behind[:1]) else None
    return answer if _NAME.fullmatch(answer) else None


def declared_cases(data: QuestionSet, rng: random.Random, count: int, *, false: bool) -> list[Case]:
    """Return up to ``count`` statements of a set's questions; ``change`` says what the wrong answer is of.

    A wrong answer is that of another question of its kind about the paragraph where there is one, else about another.
    """
    asked = [(c, found) for c in data.cases if c.answers and (found := declare(c.question, c.answers[0]))]
    rng.shuffle(asked)
    cases: list[Case] = []
    for case, (kind, right) in asked:
        paragraph, answer, said = data.paragraphs[case.gold], case.answers[0], right
        if len(cases) == count:
            break
        if false:
            pool = [c.answers[0] for c, (k, _) in asked if k == kind and (c.gold == case.gold)]
            inside = [a for a in pool if a not in answer and answer not in a and a not in case.question]
            far = [c.answers[0] for c, (k, _) in rng.sample(asked, min(60, len(asked))) if k == kind]
            others = inside if inside and rng.random() < 0.5 else [a for a in far if a not in paragraph]
            other = declare(case.question, rng.choice(others)) if others else None
            if other is None or other[1] == right:
                continue
            said = other[1]
        cases.append(Case(said, (paragraph,), "zh", "zh", kind if false else "", f"{data.name}:{case.gold}:asked"))
    return cases
