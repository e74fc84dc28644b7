"""Sentences and numbers from a domain's words."""

from random import Random
from typing import Final

from benchmarks.parsing.truth.words import Domain

_HAN: Final = "零一二三四五六七八九十"


def han(number: int) -> str:
    """Return 1..99 as a Chinese number."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _HAN[ones]
    return ("" if tens == 1 else _HAN[tens]) + "十" + (_HAN[ones] if ones else "")


def number(chooser: Random) -> str:
    """Return a number as reports print it."""
    form = chooser.randrange(4)
    if form == 0:
        return f"{chooser.randint(1000, 99999):,}"
    if form == 1:
        return f"{chooser.uniform(1, 999):.2f}"
    if form == 2:
        return f"{chooser.uniform(1, 99):.1f}"
    return str(chooser.randint(2, 980))


def percent(chooser: Random) -> str:
    """Return a percentage with its sign."""
    return f"{chooser.uniform(0.5, 98):.{chooser.randint(1, 2)}f}%"


def date(chooser: Random) -> str:
    """Return a Chinese date."""
    return f"{chooser.randint(2015, 2025)}年{chooser.randint(1, 12)}月{chooser.randint(1, 28)}日"


def sentence(chooser: Random, domain: Domain, language: str) -> str:
    """Return one sentence with its full stop."""
    return _english(chooser, domain) if language == "en" else _chinese(chooser, domain)


def paragraph(chooser: Random, domain: Domain, language: str, sentences: tuple[int, int] = (2, 5)) -> str:
    """Return a paragraph of some sentences."""
    glue = " " if language == "en" else ""
    return glue.join(sentence(chooser, domain, language) for _ in range(chooser.randint(*sentences)))


def _chinese(chooser: Random, domain: Domain) -> str:
    pick = chooser.choice
    who, does, what = pick(domain.subjects), pick(domain.actions), pick(domain.objects)
    metric, unit, remark = pick(domain.metrics), pick(domain.units), pick(domain.remarks)
    form = chooser.randrange(8)
    if form == 0:
        return f"截至{date(chooser)}，{metric}为{number(chooser)}{unit}，较上年同期变动{percent(chooser)}，{remark}。"
    if form == 1:
        return f"根据《{pick(domain.topics)}指引》第{chooser.randint(1, 40)}条的要求，{who}{does}{what}。"
    if form == 2:
        return f"{who}采用{pick(domain.terms)}方式{does}{what}，{remark}。"
    if form == 3:
        change = f"{metric}由{number(chooser)}{unit}变为{number(chooser)}{unit}"
        return f"其中，{change}；{pick(domain.metrics)}保持不变，{remark}。"
    if form == 4:
        return f"对于“{what}”，{who}{does}{pick(domain.objects)}，{remark}；{pick(domain.subjects)}予以配合。"
    return f"{who}{does}{what}，{remark}。"


def _english(chooser: Random, domain: Domain) -> str:
    pick = chooser.choice
    who, does, what, remark = (
        pick(words) for words in (domain.subjects, domain.actions, domain.objects, domain.remarks)
    )
    form = chooser.randrange(4)
    if form == 0:
        year, metric = chooser.randint(2015, 2025), pick(domain.metrics)
        text = f"in {year}, {metric} reached {number(chooser)} {pick(domain.units)}, {remark}"
    elif form == 1:
        text = f"{who} {does} {what} ({pick(domain.terms)}), {remark}"
    else:
        text = f"{who} {does} {what}, {remark}"
    return f"{text[0].upper()}{text[1:]}."
