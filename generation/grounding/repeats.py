"""A statement that says no more than the question did is no answer."""

import re
from typing import Final

from generation.grounding.polarity import denials
from generation.grounding.reading import Kind, Reading, Token
from generation.grounding.words import likeness, same_amount

#: Questions that their own words answer: yes or no, this or that.
_CLOSED: Final = re.compile(
    r"吗|是否|是不是|有没有|能否|可否|能不能|可不可以|要不要|会不会|需不需要|还是|或者|\bor\b|对不对|正确"
    r"|^(?:is|are|was|were|do|does|did|can|could|may|must|shall|should|will|would|has|have|had)\b"
)
_SAME: Final = 0.85
#: What a statement may add without saying anything.
_EMPTY_WORDS: Final = """
如下 以下 很多 许多 下列 下述 规定 相关 有关 关于 情况 说明 内容 问题 回答 答案 文档 资料 材料 文件 提到 提及
指出 明确 具体 所述 following follow below answer question document material passage text describe mention
state specify detail relevant information context evidence
"""
_EMPTY: Final = frozenset(_EMPTY_WORDS.split())


def repeats(statement: Reading, question: Reading) -> bool:
    """Say whether all that a statement says stands in the question, in one language, and that was no yes or no.

    What opens a list ends with a colon and stands for what follows.
    """
    plain = statement.lowered.rstrip()
    if plain[-1:] in ":：" or statement.language != question.language or _CLOSED.search(question.lowered.strip()):
        return False
    if denials(statement.lowered) != denials(question.lowered):
        return False
    return all(_asked(token, question) for token in statement.tokens if token.key not in _EMPTY)


def _asked(token: Token, question: Reading) -> bool:
    if token.quantity is not None:
        return any(t.quantity and same_amount(token.quantity, t.quantity) for t in question.tokens)
    if token.kind is not Kind.WORD and token.key in question.lowered.replace(" ", ""):
        return True
    return any(likeness(token.key, t.key) >= _SAME for t in question.tokens if t.kind is not Kind.QUANTITY)
