"""What is searched for a question: without how it is to be answered, and in the words that documents use.

Where the question says *capex* or asks for a ratio, the vector and the reranker are given the lines of a statement as
well: no page that answers holds the word that was asked. A word that documents write too (*revenue*) is left as it is:
there, more words only dilute it (nDCG@10 over questions about tables of reports fell from .55 to .46). The lexical arm
is given the other words of both, each below the word that was asked. Chinese words that were typed by their sound are
mended for both arms, English slips for the lexical one: the vector reads over these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from retrieval.query.instructions import read_instructions
from wenyuan.ports import Related
from wenyuan.text import detect_language, is_cjk
from wenyuan.words.phrases import places, units
from wenyuan.words.slips import Slip, find_slips
from wenyuan.words.terms import normalise
from wenyuan.words.vocabulary import Match, vocabulary


@dataclass(frozen=True, slots=True)
class Wording:
    """``text`` is the question without instructions, ``rewritten`` the same with what documents write for its words.

    ``words`` is what the lexical arm searches, with ``related`` beside it: ``text`` and the statements that an
    instruction names. ``matches`` are the words of the vocabulary that were found, ``slips`` what was mistyped.
    """

    text: str
    rewritten: str
    words: str
    related: tuple[Related, ...] = ()
    matches: tuple[Match, ...] = ()
    slips: tuple[Slip, ...] = ()


def word(question: str, *, known: bool = True, taken: Sequence[Related] = ()) -> Wording:
    """Return what is searched for ``question``; with ``known`` by the vocabulary that every space has.

    ``taken`` are terms of the asker's spaces: what they explain, the vocabulary does not, and they are no slips.
    """
    read = read_instructions(question)
    slips = tuple(one for one in find_slips(read.text) if not _explained(one.text, taken))
    mended = tuple(Related(one.text, (one.meant,)) for one in slips)
    spoken = [one.meant for one in slips if is_cjk(one.meant[0])]
    if not known:
        return Wording(read.text, _with(read.text, spoken), read.text, mended, slips=slips)
    language, table = detect_language(read.text), vocabulary()
    matches = tuple(one for one in table.find(read.text) if not _explained(one.text, taken))
    named = [one for part in read.instructions for one in table.find(part) if one.entry.statement]
    return Wording(
        read.text,
        _with(read.text, [*spoken, *_written(matches, named, language)]),
        " ".join((read.text, *(one.text for one in named))),
        (*_related((*matches, *named), language), *mended),
        matches,
        slips,
    )


def _with(text: str, added: Sequence[str]) -> str:
    """Return the text with what does not stand in it yet behind it."""
    shown = normalise(text)
    fresh = [one for one in dict.fromkeys(added) if normalise(one) not in shown]
    return f"{text} {', '.join(fresh)}" if fresh else text


def _explained(text: str, taken: Sequence[Related]) -> bool:
    """Whether a word stands in a term of a space, or holds one."""
    said = units(text)
    return any(
        any(places(term, said)) or any(places(said, term)) for term in (units(related.asked) for related in taken)
    )


def _written(matches: Sequence[Match], named: Sequence[Match], language: str) -> Iterator[str]:
    """Yield what documents write for words that they do not use themselves, with the titles of the statements."""
    for one in (*matches, *named):
        if one.rare:
            yield from one.entry.searched(language)
            for statement in one.entry.where:
                yield from statement.searched(language)[:2]


def _related(matches: Sequence[Match], language: str) -> Iterator[Related]:
    found: dict[str, Related] = {}
    for one in matches:
        asked = normalise(one.text)
        titles = (title for statement in one.entry.where for title in statement.searched(language)[:2])
        others = (text for text in (*one.entry.searched(language), *titles) if normalise(text) != asked)
        found.setdefault(asked, Related(one.text, tuple(dict.fromkeys(others))))
    yield from found.values()
