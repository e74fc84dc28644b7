"""The term base of spaces: what a space calls things, kept by its managers, used in questions of its readers.

Terms are texts of their space. In a question they are looked up in one statement that joins the space's policy as it
stands now, so that words of a space which the asker may not read change nothing.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.readable import may_read, reads_as
from wenyuan.db.engine import Connection, Database, ReadConnection
from wenyuan.errors import TooManyTerms
from wenyuan.ids import new_id
from wenyuan.ports import Related
from wenyuan.words.phrases import Units, head, heads, places, units

#: Terms of one space at most.
MAX_TERMS: Final = 5_000
#: Terms of a question that are followed, and forms that are added for each of them.
MAX_MATCHES: Final = 8
MAX_FORMS: Final = 8
#: Values that one statement is given at most.
_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A term to store: the name, other words for the same thing, and the language of the name (``zh``, ``en``, "")."""

    name: str
    synonyms: tuple[str, ...] = ()
    language: str = ""

    @property
    def folded(self) -> str:
        """The name as matching sees it: two spellings of one name are one term."""
        return " ".join(units(self.name))

    @property
    def forms(self) -> tuple[str, ...]:
        """The name and the synonyms."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True, slots=True)
class Term(NewTerm):
    """A stored term; ``author`` is the name of who changed it last, ``updated_at`` seconds since 1970."""

    id: str = ""
    author: str = ""
    updated_at: float = 0.0


_LISTED: Final = (
    sa.select(t.terms, t.users.c.name.label("author"))
    .join(t.users, t.users.c.id == t.terms.c.author_id)
    .where(t.terms.c.space_id == sa.bindparam("space"))
    .order_by(t.terms.c.folded)
)
# No unit holds a wildcard of LIKE. Blanks stand between the units and at both ends, so that only whole ones match.
_ASKED: Final = (
    sa.select(t.terms.c.id, t.terms.c.name, t.terms.c.synonyms)
    .join(t.term_forms, t.term_forms.c.term_id == t.terms.c.id)
    .join(t.spaces, t.spaces.c.id == t.terms.c.space_id)
    .where(
        t.term_forms.c.head.in_(sa.bindparam("heads", expanding=True)),
        sa.bindparam("asked", type_=sa.String()).contains(t.term_forms.c.form),
        may_read(t.spaces.c.policy_id),
    )
)


async def list_terms(tx: Connection, space_id: str) -> list[Term]:
    """Return the terms of a space by name."""
    rows = await tx.execute(_LISTED, {"space": space_id})
    return [Term(row.name, tuple(row.synonyms), row.language, row.id, row.author, row.updated_at) for row in rows]


async def put_terms(tx: Connection, space_id: str, author_id: str, given: Sequence[NewTerm]) -> int:
    """Store terms, each in place of the one of the same name; return how many are new.

    Raises ``TooManyTerms`` when the space would hold more than ``MAX_TERMS``.
    """
    latest = {term.folded: term for term in given}
    rows = await tx.execute(sa.select(t.terms.c.folded, t.terms.c.id).where(t.terms.c.space_id == space_id))
    held: dict[str, str] = {row.folded: row.id for row in rows}
    fresh = latest.keys() - held.keys()
    if len(held) + len(fresh) > MAX_TERMS:
        raise TooManyTerms(limit=MAX_TERMS)
    ids = {folded: held.get(folded) or new_id("trm") for folded in latest}
    await _drop(tx, [held[folded] for folded in latest if folded in held])
    values: list[dict[str, Any]] = []
    forms: list[dict[str, str]] = []
    for folded, term in latest.items():
        values.append({
            "id": ids[folded], "space_id": space_id, "name": term.name, "folded": folded,
            "synonyms": list(term.synonyms), "language": term.language, "author_id": author_id,
            "updated_at": time.time(),
        })  # fmt: skip
        found = {_spaced(form): head(form) for form in map(units, term.forms) if form}
        forms += [{"term_id": ids[folded], "form": form, "head": first} for form, first in found.items()]
    if values:
        await tx.execute(sa.insert(t.terms), values)
        await tx.execute(sa.insert(t.term_forms), forms)
    return len(fresh)


async def delete_term(tx: Connection, space_id: str, term_id: str) -> bool:
    """Remove a term of a space; return whether there was one."""
    known = await tx.scalar(sa.select(t.terms.c.id).where(t.terms.c.space_id == space_id, t.terms.c.id == term_id))
    await _drop(tx, [known] if known else [])
    return known is not None


async def delete_terms(tx: Connection, space_id: str) -> None:
    """Remove every term of a space."""
    await _drop(tx, list(await tx.scalars(sa.select(t.terms.c.id).where(t.terms.c.space_id == space_id))))


async def _drop(tx: Connection, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        await tx.execute(sa.delete(t.term_forms).where(t.term_forms.c.term_id.in_(batch)))
        await tx.execute(sa.delete(t.terms).where(t.terms.c.id.in_(batch)))


class SqlTermBase:
    """Implements ``wenyuan.ports.TermBase`` on the metadata database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def related(self, scope: AccessScope, question: str) -> tuple[Related, ...]:
        """Return the terms that stand in the question, longest first, with their other forms.

        Only terms of spaces whose policy lets the reader read now. A term inside a longer one of the same place is
        passed over; what is alike after folding is told once.
        """
        return await self._database.run_read(_read_related, scope, question)


def _read_related(tx: ReadConnection, scope: AccessScope, question: str) -> tuple[Related, ...]:
    asked = units(question)
    wanted = sorted(set(heads(asked)))
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(wanted), _BATCH):
        given = {"heads": wanted[start : start + _BATCH], "asked": _spaced(asked)}
        rows = tx.execute(_ASKED, given | reads_as(scope))
        found.update((row.id, (row.name, *row.synonyms)) for row in rows)
    return _related(asked, sorted(found.values()))


def _spaced(sequence: Units) -> str:
    return f" {' '.join(sequence)} "


def _related(asked: Units, terms: Sequence[tuple[str, ...]]) -> tuple[Related, ...]:
    """Return what the forms of ``terms`` that stand in ``asked`` are related to."""
    spans: dict[tuple[int, int], dict[Units, str]] = {}
    for forms in terms:
        folded = {units(form): form for form in reversed(forms)}
        for phrase in folded:
            for span in places(phrase, asked):
                spans.setdefault(span, {}).update(folded)
    outer = [span for span in spans if not any(_within(span, other) for other in spans)]
    outer.sort(key=lambda span: (span[0] - span[1], span))
    found: dict[Units, Related] = {}
    for start, end in outer:
        phrase = asked[start:end]
        others = [(key, form) for key, form in spans[start, end].items() if key and key != phrase]
        others.sort(key=lambda pair: (len(pair[0]), pair[1]))
        found.setdefault(phrase, Related(spans[start, end][phrase], tuple(form for _, form in others[:MAX_FORMS])))
    return tuple(found.values())[:MAX_MATCHES]


def _within(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]
