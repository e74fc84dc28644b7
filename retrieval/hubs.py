"""Documents that are found for questions they have nothing to do with.

A text made to lie near every question (poison, a blocker, stuffed with words) comes up again and again over a panel of
questions on unrelated matters, where an honest one comes up for its own. The panel is words of everyday frequency from
lists that are part of the installation: it tells nothing of the documents, and nobody who writes one can see it coming
in an index of other people's questions.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from wenyuan.text import is_cjk
from wenyuan.words.background import listed

PANEL: Final = 500
#: Places that count, and the share of the panel from which a document stands out among very many others.
TOP: Final = 10
SHARE: Final = 0.02
#: Some honest documents lie in the middle of all and come up ten times as often as the average: it takes this many
#: times, but no more than a share that hardly an honest one reaches; among few documents each comes up often.
_TIMES: Final = 12.0
_PLAINLY: Final = 0.2
_FEW_TIMES: Final = 3.0
_BAND: Final = (3e-6, 6e-5)
_FRAMES: Final = {
    "zh": ("{word}", "{word}是什么", "{word}怎么办", "关于{word}有哪些说明", "{word}的要求"),
    "en": ("{word}", "what is {word}", "how does {word} work", "what is said about {word}", "{word} requirements"),
}
Search = Callable[[str], Awaitable[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Hub:
    """A document that stood among the first ``TOP`` of a ``share`` of the panel, 0..1."""

    document_id: str
    share: float


def panel(size: int = PANEL, seed: int = 0) -> list[str]:
    """Return questions on unrelated matters, half Chinese and half English; the same for a seed."""
    r = random.Random(seed)  # noqa: S311  # nothing is kept secret by it
    questions = []
    for language, count in (("zh", size - size // 2), ("en", size // 2)):
        words = sorted(
            word
            for word, frequency in listed(language)
            if _BAND[0] <= frequency <= _BAND[1] and _speaks(word, language)
        )
        questions += [r.choice(_FRAMES[language]).format(word=word) for word in r.sample(words, count)]
    return questions


def _speaks(word: str, language: str) -> bool:
    if language == "zh":
        return 2 <= len(word) <= 4 and all(map(is_cjk, word))
    return len(word) >= 4 and word.isascii() and word.isalpha()


def threshold(documents: int) -> float:
    """Return the share from which a document is a hub among so many."""
    average = TOP / max(1, documents)
    return max(SHARE, min(_PLAINLY, _TIMES * average), _FEW_TIMES * average)


async def find_hubs(search: Search, questions: Sequence[str], documents: int) -> list[Hub]:
    """Return the hubs, the worst first. ``search`` returns the documents found for a question, best first."""
    counts: Counter[str] = Counter()
    for question in questions:
        counts.update(list(dict.fromkeys(await search(question)))[:TOP])
    bound = threshold(documents)
    shares = ((document, count / max(1, len(questions))) for document, count in counts.most_common())
    return [Hub(document, share) for document, share in shares if share > bound]
