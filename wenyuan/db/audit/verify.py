"""The examination of the chain: recomputes every seal, and compares the end of the log with the anchor."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wenyuan.audit.keys import Head
from wenyuan.audit.record import ORIGIN, Action, Record, seal
from wenyuan.db.audit.store import AuditStore, documents_of

_TOGETHER: Final = 1_000
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong, and with which entry."""

    sequence: int
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an examination found: the entries that there are, and the breaches by sequence, the first of them."""

    entries: int
    head: Head
    breaches: tuple[Breach, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaches


class _Examiner:
    """Goes along the chain once. After a breach it goes on from what is stored, so that others are found too."""

    def __init__(self, key: bytes, anchor: Head | None) -> None:
        self._key = key
        self._anchor = anchor
        self._first: Record | None = None
        self._pruned: Head = Head()
        self.head = Head()
        self.entries = 0
        self.anchored = anchor is not None and anchor.sequence == 0

    def see(self, record: Record, indexed: frozenset[str]) -> Iterator[Breach]:
        """Yield what is wrong with the next record."""
        number = record.sequence
        if self._first is None:
            self._first = record
        elif number != self.head.sequence + 1:
            yield Breach(self.head.sequence + 1, f"missing up to {number - 1}")
        elif record.previous != self.head.digest:
            yield Breach(number, "does not follow the entry before it")
        if record.digest != seal(self._key, record):
            yield Breach(number, "was changed")
        else:
            yield from self._trusted(record)
        try:
            known = documents_of(record)
        except ValueError:
            known = frozenset()
        if known != indexed:
            yield Breach(number, "is found under other documents than it names")
        if self._anchor is not None and self._anchor.sequence == number:
            self.anchored = True
            if self._anchor.digest != record.digest:
                yield Breach(number, "is not the one that the anchor names")
        self.head = Head(number, record.digest)
        self.entries += 1

    def _trusted(self, record: Record) -> Iterator[Breach]:
        """Yield what a record that is sealed by us says itself."""
        if record.action == Action.GAP:
            lost = json.loads(record.target)["sequence"]
            yield Breach(record.sequence, f"says that entries up to {lost} were gone when it was written")
        elif record.action == Action.PRUNE:
            told = json.loads(record.target)
            self._pruned = Head(told["through"], told["digest"])

    def end(self) -> Iterator[Breach]:
        """Yield what is wrong with the two ends."""
        if self._first is not None:
            before = Head(self._first.sequence - 1, self._first.previous)
            if before != self._pruned and (before.sequence or before.digest != ORIGIN):
                yield Breach(self._pruned.sequence + 1, f"missing up to {before.sequence}")
        if self._anchor is None and self.entries:
            yield Breach(self.head.sequence, "is the last, and no anchor says so")
        elif self._anchor is not None and not self.anchored and self._anchor.sequence > self.head.sequence:
            yield Breach(self.head.sequence + 1, f"missing up to {self._anchor.sequence}, which the anchor names")


def examine(store: AuditStore, key: bytes, anchor: Head | None) -> Verdict:
    """Return what is wrong with the log, the first twenty breaches at most; reads it whole, and changes nothing.

    ``anchor`` must have been read before: entries that are appended meanwhile stand behind it.
    """
    examiner = _Examiner(key, anchor)
    found: list[Breach] = []
    while part := store.read(examiner.head.sequence, _TOGETHER):
        for record, indexed in part:
            seen = list(examiner.see(record, indexed))
            if len(found) < _MOST:
                found += seen
    found += examiner.end()
    stray = store.unowned()
    if stray is not None:
        found.append(Breach(stray, "is missing, and documents are found under it"))
    first = sorted(found, key=lambda breach: breach.sequence)[:_MOST]
    return Verdict(examiner.entries, examiner.head, tuple(first))
