"""Borders of parts that have policies of their own: what is cut together has the same policies on it.

The head of a table is repeated above rows that are under more policies than it; nothing else of one part stands in a
chunk of another.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from ingest.chunking.figures import Sentence
from ingest.chunking.pieces import Piece
from ingest.chunking.sections import Form, Group, Member
from wenyuan.parts.marks import Marks, Policies

NO_MARKS: Final = Marks()


def parted(groups: Sequence[Group], marks: Marks) -> list[Group]:
    """Return groups whose members have the same policies, without headings that are under others.

    What belongs to a table or figure under others, such as a caption, is text of its own.
    """
    if marks == NO_MARKS:
        return list(groups)
    return [
        replace(one, path=_open_path(one, marks)) for group in groups for one in _divided(group, marks) if one.members
    ]


def by_rows(
    head: Sequence[Piece], body: Sequence[Piece], marks: Marks
) -> list[tuple[tuple[Piece, ...], tuple[Piece, ...]]]:
    """Return (head, body) for the rows of each part, in the order of their first rows."""
    if not marks.rows:
        return [(tuple(head), tuple(body))]
    parts: dict[Policies, list[Piece]] = {}
    kept = tuple(piece for piece in head if marks.of(piece.ordinal, piece.rows) == marks.of(piece.ordinal))
    for piece in (*(one for one in head if one not in kept), *body):
        parts.setdefault(marks.of(piece.ordinal, piece.rows), []).append(piece)
    return [(kept, tuple(pieces)) for pieces in parts.values()] or [(kept, tuple(body))]


def beside(named: Mapping[str, Sentence], group: Group, marks: Marks) -> dict[str, Sentence]:
    """Return the sentences that refer to figures and have the same policies on them as the group."""
    own = marks.of(group.members[0][0])
    return {label: sentence for label, sentence in named.items() if marks.of(sentence[0]) == own}


def _divided(group: Group, marks: Marks) -> Iterable[Group]:
    if group.form is Form.TEXT:
        for members in _runs(group.members, marks):
            yield Group(Form.TEXT, group.path, group.number, members)
        return
    own = marks.of(group.members[0][0])
    heads, notes = (
        [member for member in members if marks.of(member[0]) == own] for members in (group.heads, group.notes)
    )
    for members in _runs([member for member in group.heads if member not in heads], marks):
        yield Group(Form.TEXT, group.path, group.number, members)
    for members in _runs(group.members, marks):
        yield Group(group.form, group.path, group.number, members, heads, notes)
        heads, notes = [], []
    for members in _runs([member for member in group.notes if marks.of(member[0]) != own], marks):
        yield Group(Form.TEXT, group.path, group.number, members)


def _runs(members: Sequence[Member], marks: Marks) -> list[list[Member]]:
    return [list(run) for _, run in groupby(members, key=lambda member: marks.of(member[0]))]


def _open_path(group: Group, marks: Marks) -> tuple[str, ...]:
    """Return the headings that anybody who may read the group may read."""
    first = group.members[0][0]
    own = marks.of(first)
    held = marks.of_headings(group.path, first)
    return tuple(text for text, over in zip(group.path, held, strict=True) if over <= own)
