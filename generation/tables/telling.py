"""A result in words: what it is of, the reckoning with every operand as it stands in its cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from generation.markers import inert
from generation.tables.amounts import converted, digits_of, scale_of_cells, told_number, with_unit
from generation.tables.deciding import Decision, told
from generation.tables.execute import Operand, Result
from generation.tables.reading.asking import Op
from generation.tables.reading.relation import Place, Relation

_JOINED: Final = 12
_WORDS: Final = {
    "zh": {
        Op.SUM: "合计", Op.MEAN: "平均值", Op.DIFFERENCE: "差额", Op.GROWTH: "变动幅度", Op.RATIO: "比值",
        Op.SHARE: "占比", Op.COUNT: "符合条件的共", Op.MAX: "最高", Op.MIN: "最低",
    },
    "en": {
        Op.SUM: "Sum", Op.MEAN: "Mean", Op.DIFFERENCE: "Difference", Op.GROWTH: "Change", Op.RATIO: "Ratio",
        Op.SHARE: "Share", Op.COUNT: "Rows that match", Op.MAX: "Highest", Op.MIN: "Lowest",
    },
}  # fmt: skip
_ANSWER: Final = {"zh": {True: "是", False: "否"}, "en": {True: "Yes", False: "No"}}
_OPPOSITE: Final = {"<": "≥", "<=": ">", ">": "≤", ">=": "<"}
_SIGNS: Final = {"<": "<", "<=": "≤", ">": ">", ">=": "≥"}
_HIDDEN: Final = {
    "zh": "仅按您可查看的行计算，表中有内容未对您开放。",
    "en": "Reckoned over the rows open to you; something of the table is not.",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A statement and the cells that carry it, in the order in which it names them."""

    text: str
    operands: tuple[Operand, ...]


def tell(decision: Decision, question: str, language: str, *, hidden: bool = False) -> list[Said]:
    """Return what is said of a result in the language of the asker; texts of the table stay as they are."""
    result, relation = decision.result, decision.relation
    if result.plan.op is Op.LOOKUP:
        return [_lookup(one, relation, question, language) for one in result.operands]
    if result.holds is not None:
        return [_checked(decision, language)]
    said = (
        [_listed(decision, language)]
        if result.plan.op in {Op.LIST, Op.COUNT, Op.MAX, Op.MIN}
        else [_reckoned(result, relation, question, language)]
    )
    if hidden:
        said.append(Said(_HIDDEN[language], ()))
    return said


def over_all(decision: Decision) -> bool:
    """Whether a result speaks of rows beside those it names, so that rows left out would change it."""
    return not decision.plan.named


def _lookup(operand: Operand, relation: Relation, question: str, language: str) -> Said:
    place = relation.at(operand.row, operand.column)
    value = _value(operand, place, relation, language)
    if operand.number is not None and not place.personal:
        scale = scale_of_cells(relation, (operand,))
        value += _in_scale_asked(question, operand.number, place.unit, scale, language)
    return Said(f"{_name(operand, relation, language)}{_colon(language)}{value}{_stop(language, value)}", (operand,))


def _checked(decision: Decision, language: str) -> Said:
    """Return yes or no with the cell and what it is compared with, in the words of the question."""
    result, relation, limit = decision.result, decision.relation, decision.plan.limit
    if limit is None:
        return Said("", ())
    (operand,) = result.operands
    value = _value(operand, relation.at(operand.row, operand.column), relation, language)
    sign = _SIGNS[limit.sign] if result.holds else _OPPOSITE[limit.sign]
    said = f"{_ANSWER[language][bool(result.holds)]}{_colon(language)}{value} {sign} {inert(limit.said)}"
    return Said(f"{said} ({_name(operand, relation, language)}){_stop(language, '')}", result.operands)


def _in_scale_asked(question: str, number: Decimal, unit: str, scale: str, language: str) -> str:
    """Return what a number is in the scale that the question names, empty where it names no other."""
    other = converted(question, number, unit, scale)
    return "" if other is None else f" = {with_unit(told_number(other[0]), other[1], other[2], language)}"


def _value(operand: Operand, place: Place, relation: Relation, language: str) -> str:
    """Return a cell as it is written, with the unit that its head or caption gives where it has none itself."""
    text = inert(place.text)
    if operand.number is None:
        return text
    scale = scale_of_cells(relation, (operand,))
    written = place.unit and (place.unit in place.text or place.unit[0] in "$€£¥")
    return with_unit(text, "" if written else place.unit, scale, language)


def _name(operand: Operand, relation: Relation, language: str) -> str:
    row = relation.row(operand.row).path if operand.column not in relation.labels else ()
    row = row or tuple(dict.fromkeys(relation.at(operand.row, c).text for c in relation.labels if c != operand.column))
    heads = relation.heads(operand.row, operand.column)
    labels = [text for text in dict.fromkeys((*row, *heads[-2:])) if text]
    return inert((" · " if language == "zh" else ", ").join(labels))


def _listed(decision: Decision, language: str) -> Said:
    result, relation, words = decision.result, decision.relation, _WORDS[language]
    names = [inert(text) for text in told(decision)]
    comma = "、" if language == "zh" else "; "
    shown = comma.join(names[:_JOINED]) + (" …" if len(names) > _JOINED else "")
    kept = result.operands[:_JOINED]
    if result.plan.op is Op.COUNT:
        return Said(f"{words[Op.COUNT]}{_colon(language)}{len(names)} ({shown}){_stop(language, '')}", kept)
    if result.plan.op is Op.LIST:
        return Said(f"{shown}{_stop(language, shown)}", kept)
    told_with = [
        f"{name} ({_value(one, relation.at(one.row, one.column), relation, language)})"
        for name, one in zip(names[:_JOINED], kept, strict=True)
    ]
    of = _measure(decision)
    head = f"{of} {words[result.plan.op].lower()}" if language == "en" else f"{of}{words[result.plan.op]}"
    return Said(f"{inert(head)}{_colon(language)}{comma.join(told_with)}{_stop(language, ')')}", kept)


def _measure(decision: Decision) -> str:
    plan, relation = decision.plan, decision.relation
    if plan.measure is None:
        return ""
    if plan.along == "rows":
        return " ".join(relation.column(plan.measure).path[-2:])
    return relation.row(plan.measure).name


def _reckoned(result: Result, relation: Relation, question: str, language: str) -> Said:
    scale = scale_of_cells(relation, result.operands)
    number, unit, said_scale = result.number, result.unit, scale if result.unit != "%" else ""
    if result.plan.op is Op.RATIO:
        said_scale = ""
    digits = digits_of(result)
    if number is None:
        return Said("", ())
    exact = with_unit(told_number(number, digits), unit, said_scale, language)
    if result.plan.op is not Op.RATIO:
        exact += _in_scale_asked(question, number, unit, said_scale, language)
    line = (
        f"{_WORDS[language][result.plan.op]}{_colon(language)}{_derivation(result)} = {exact}{_stop(language, exact)}"
    )
    names = "；" if language == "zh" else "; "
    of = names.join(dict.fromkeys(_name(one, relation, language) for one in result.operands[:_JOINED]))
    return Said(
        f"{line[:-1] if line.endswith('.') else line.rstrip('。')} ({of}){_stop(language, '')}", result.operands
    )


def _derivation(result: Result) -> str:
    numbers = [told_number(one.number) if one.number is not None else one.text for one in result.operands]
    plan = result.plan
    if plan.steps:
        left = iter(numbers)
        parts = [_formula(step.op, [next(left) for _ in step.cells]) for step in plan.steps]
        numbers = [part if len(step.cells) == 1 else f"({part})" for part, step in zip(parts, plan.steps, strict=True)]
    text = _formula(plan.op, numbers)
    return f"|{text}|" if plan.magnitude else text


def _formula(op: Op, numbers: Sequence[str]) -> str:
    """Return what is done with numbers, or with what stands in brackets for them."""
    signed = [f"({number})" if number.startswith("-") else number for number in numbers]
    if op is Op.SUM:
        return _few(signed, " + ")
    if op is Op.MEAN:
        return f"({_few(signed, ' + ')}) ÷ {len(numbers)}" if len(numbers) > 1 else signed[0]
    first, second = numbers[0], signed[1]
    if op is Op.DIFFERENCE:
        return f"{first} − {second}"
    if op is Op.GROWTH:
        return f"({first} − {second}) ÷ {second} × 100%"
    return f"{first} ÷ {second}" + (" × 100%" if op is Op.SHARE else "")


def _few(numbers: Sequence[str], sign: str) -> str:
    if len(numbers) <= _JOINED:
        return sign.join(numbers)
    return sign.join((*numbers[: _JOINED - 1], "…", numbers[-1]))


def _colon(language: str) -> str:
    return "：" if language == "zh" else ": "


def _stop(language: str, before: str) -> str:
    if before.endswith((".", "。", "!", "?", "！", "？")):
        return ""
    return "。" if language == "zh" else "."
