"""How a sentence reads that says who says it: title and date of the document, then its words."""

import re
from typing import Final

from generation.markers import inert
from generation.scoring import read_question
from wenyuan.answers import Evidence

_SENTENCES: Final = {
    "zh": {
        "says": "据{one}：{text}",
        "otherwise": "{one}的说法不同：{text}",
        "replaced": "{one}已由{other}代替，其中的说法是：{text}",
        "outdated": "{one}已由{other}代替，{other}中没有找到答案。据{one}：{text}",
        "denied": "提问中的说法与文档不符。据{one}：{text}",
    },
    "en": {
        "says": "According to {one}: {text}",
        "otherwise": "{one} says otherwise: {text}",
        "replaced": "{one} has been replaced by {other}; it says: {text}",
        "outdated": "{one} has been replaced by {other}, in which no answer was found. According to {one}: {text}",
        "denied": "The documents do not say what the question says. According to {one}: {text}",
    },
}
_STORED: Final = {"zh": "{day} 入库", "en": "stored {day}"}
_MARKED: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LONGEST: Final = 120
#: Questions for reasons and ways, whatever they count besides; questions for effects, merits, measures, views.
_EXPLAIN: Final = re.compile(
    r"[为為爲]什[么麼]|[为為爲]何|如何|怎[么麼样樣]|何以|\bwhy\b"
    r"|\bhow\b(?! (?:many|much|long|large|big|high|old|far|often|tall|fast)\b)",
    re.IGNORECASE,
)
_ASSESS: Final = re.compile(
    r"哪些|原因|根源|理由|影[响響]|作用|意[义義]|[优優][势勢点點]|特[点點]|措施|举措|舉措|做法|看法|[观觀][点點]|[态態]度|[评評][价價]|成就|[进進]展|挑[战戰]|不同"
    r"|\b(?:reasons?|causes?|effects?|impacts?|advantages?|benefits|measures|ways|views?|opinions?|challenges)\b",
    re.IGNORECASE,
)


def asks_for_views(question: str) -> bool:
    """Say whether a question asks for reasons, ways, effects, measures or views: what somebody says, not what is so."""
    if _EXPLAIN.search(question):
        return True
    asked = read_question(question)
    return bool(_ASSESS.search(question)) and not (asked.asks_time or asked.asks_amount)


def saying(way: str, language: str, one: Evidence, text: str, other: Evidence | None = None) -> str:
    """Return ``text`` as what document ``one`` says.

    ``way``: ``says``, ``otherwise`` (than what was said before), ``replaced`` or ``outdated`` (by document ``other``,
    which answers or does not), ``denied`` (what the question takes for granted).
    """
    sentence = _SENTENCES[language if language in _SENTENCES else "en"][way]
    newer = "" if other is None else named(other, language)
    return sentence.format(one=named(one, language), other=newer, text=text)


def named(piece: Evidence, language: str) -> str:
    """Return how a document is called: its title, and its date where the title tells no year.

    The date is the one from which it holds, or on which it was issued; else the day on which it was stored.
    """
    title = inert(piece.document_title).strip().strip('《》“”"')[:_LONGEST]
    quoted = f"《{title}》" if language == "zh" else f"\u201c{title}\u201d"
    stored = _STORED["zh" if language == "zh" else "en"].format(day=piece.stored) if piece.stored else ""
    date = piece.dated or ("" if _MARKED.search(title) else stored)
    if not date:
        return quoted
    return f"{quoted}（{date}）" if language == "zh" else f"{quoted} ({date})"
