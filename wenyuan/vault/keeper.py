"""The keys of stored text: a random one for each subject, a document or a conversation, kept wrapped.

A subject's key is made when something is first sealed for it, and is destroyed with the subject: what was sealed under
it cannot be opened any more, wherever copies of it lie, unless a copy of the wrapped key and the master key lie there
too. The master key wraps keys and nothing else, so that replacing it rewraps them and touches no text.
"""

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wenyuan.vault.cipher import fingerprint, joint_key, new_key, open_sealed, seal
from wenyuan.vault.errors import KeyDestroyed, StoredTextDamaged, VaultLocked
from wenyuan.vault.master import MasterFile

#: Unwrapped keys that are held in memory at most; one takes about 300 bytes.
CACHED: Final = 100_000
#: The subject whose key words are digested under.
_WORDS: Final = "#words"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A subject's key as stored: wrapped, or ``None`` once it was destroyed, at ``destroyed_at`` (Unix seconds)."""

    wrapped: bytes | None
    destroyed_at: float | None = None


@dataclass(frozen=True, slots=True)
class Destroyed:
    """The proof that a key is gone: its fingerprint, which tells nothing of it, and when that was (Unix seconds)."""

    fingerprint: str
    at: float


class KeyStore(Protocol):
    """Where wrapped keys are kept. Every method blocks."""

    def name(self) -> int:
        """Return the number that names this store, 0 before it has a master key."""
        ...

    def master(self) -> str | None:
        """Return the fingerprint of the master key that wraps, None in a store without one."""
        ...

    def begin(self, master: str) -> str:
        """Name the master key of a store that has none, and return the one that it has now."""
        ...

    def find(self, subjects: Sequence[str]) -> Mapping[str, StoredKey]:
        """Return those of the subjects that have, or had, a key."""
        ...

    def add(self, master: str, wrapped: Mapping[str, bytes]) -> bool:
        """Store keys of subjects that have none, durably; False, and nothing is stored, under another master key."""
        ...

    def destroy(self, subject: str, name: str) -> Destroyed:
        """Overwrite and forget a subject's key, which has the fingerprint ``name``; returns the first proof."""
        ...

    def proof(self, subject: str) -> Destroyed | None:
        """Return when a subject's key was destroyed, None if it was not."""
        ...

    def rewrap(self, before: str, after: str, change: "Rewrap") -> int:
        """Store what ``change`` makes of every wrapped key and name the new master key, at once; returns how many."""
        ...

    def every(self) -> Iterator[tuple[str, StoredKey]]:
        """Yield every subject that has, or had, a key."""
        ...

    def aged(self, before: float) -> list[str]:
        """Return the subjects whose keys were made before that moment (Unix seconds) and stand."""
        ...

    def close(self) -> None:
        """Close the store."""
        ...


class Rewrap(Protocol):
    """Wraps a key of a subject anew."""

    def __call__(self, subject: str, wrapped: bytes) -> bytes:
        """Return the key wrapped under the new master key."""
        ...


class Vault:
    """Seals and opens values. Safe for threads; what is not in memory is read from the store, which blocks."""

    def __init__(self, store: KeyStore, master: MasterFile, cached: int = CACHED) -> None:
        """Open the store with its master key, made if there is neither; raises ``VaultLocked``."""
        self._store, self._file, self._most = store, master, cached
        name = store.master()
        if name is None:
            name = store.begin(fingerprint(master.make(), "master"))
        self._master_name, self._master = name, AESGCM(master.find(name))
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> int:
        """The number that names the store of the keys."""
        return self._store.name()

    def aged(self, before: float) -> list[str]:
        """Return the subjects, of documents and conversations, whose keys were made before that moment and stand."""
        return [one for one in self._store.aged(before) if one != _WORDS]

    def close(self) -> None:
        """Close the store; keys in memory are forgotten."""
        with self._lock:
            self._held.clear()
        self._store.close()

    def ready(self, subjects: Iterable[str], *, make: bool = False) -> None:
        """Read the keys of subjects at once, so that what follows does not wait for them one by one.

        ``make``: those that have none get one. Subjects whose key was destroyed are passed over.
        """
        with self._lock:
            wanted = sorted({one for one in subjects if one not in self._held})
        if not wanted:
            return
        found = self._find(wanted)
        absent = [one for one in wanted if one not in found] if make else []
        if absent:
            while not self._store.add(self._master_name, {one: self._wrap(one, new_key()) for one in absent}):
                self._reload()
            found = found | self._find(absent)
        for subject, key in found.items():
            if key is not None:
                self._keep(subject, key)

    def seal(self, subject: str, place: str, plain: bytes, also: Collection[str] = ()) -> bytes:
        """Return ``plain`` sealed: it opens for the same subjects and the same place alone.

        ``also``: subjects of which it is made too; with the key of any of them destroyed it does not open any more.
        """
        return seal(self._cipher(subject, also, make=True), plain, _told(subject, place))

    def open(self, subject: str, place: str, sealed: bytes, also: Collection[str] = ()) -> bytes:
        """Return what was sealed; raises ``KeyDestroyed``, and ``StoredTextDamaged`` for what was not sealed so."""
        return open_sealed(self._cipher(subject, also, make=False), sealed, _told(subject, place))

    def digest(self, word: str) -> str:
        """Return what a word is found by where it is not to be read: the same for the same word in this store alone."""
        key = self._key(_WORDS, make=True)
        return hmac.new(key, word.encode(), hashlib.sha256).hexdigest()[:32]

    def destroy(self, subject: str) -> Destroyed | None:
        """Destroy a subject's key; returns the proof, which stays the same when repeated, None if it never had one."""
        key = self._find([subject]).get(subject)
        with self._lock:
            self._held.pop(subject, None)
        return self._store.proof(subject) if key is None else self._store.destroy(subject, fingerprint(key, subject))

    def lost(self, subjects: Sequence[str]) -> tuple[list[str], list[str]]:
        """Return those of the subjects whose key was destroyed, and those that never had one here."""
        found = self._store.find(subjects)
        destroyed = [one for one in subjects if one in found and found[one].wrapped is None]
        return destroyed, [one for one in subjects if one not in found]

    def count(self) -> tuple[int, int]:
        """Open every key; return how many there are, and how many were destroyed. Raises ``StoredTextDamaged``."""
        opened = [self._unwrap(subject, stored.wrapped) for subject, stored in self._store.every()]
        gone = opened.count(None)
        return len(opened) - gone, gone

    def rotate(self) -> int:
        """Replace the master key; returns how many keys were rewrapped."""
        with self._file.alone():
            self._reload()
            self._file.settle(self._master_name)  # what an earlier one that was broken off left
            made = self._file.prepare()
            after, cipher, before = fingerprint(made, "master"), AESGCM(made), self._master

            def change(subject: str, wrapped: bytes) -> bytes:
                return seal(cipher, open_sealed(before, wrapped, _wrapping(subject)), _wrapping(subject))

            count = self._store.rewrap(self._master_name, after, change)
            self._file.settle(after)
            self._reload()
        return count

    def _cipher(self, subject: str, also: Collection[str], *, make: bool) -> AESGCM:
        if not also:
            return AESGCM(self._key(subject, make=make))
        subjects = (subject, *sorted(set(also)))
        self.ready(subjects, make=make)
        return AESGCM(joint_key([self._key(one, make=make) for one in subjects]))

    def _key(self, subject: str, *, make: bool) -> bytes:
        for _ in range(2):
            with self._lock:
                held = self._held.get(subject)
                if held is not None:
                    self._held.move_to_end(subject)
                    return held
            self.ready([subject], make=make)
        raise KeyDestroyed

    def _keep(self, subject: str, key: bytes) -> None:
        with self._lock:
            self._held[subject] = key
            while len(self._held) > self._most:
                self._held.popitem(last=False)

    def _find(self, subjects: Sequence[str]) -> dict[str, bytes | None]:
        """Return keys by subject, None for one that was destroyed."""
        found = self._store.find(subjects)
        try:
            return {one: self._unwrap(one, stored.wrapped) for one, stored in found.items()}
        except StoredTextDamaged:  # wrapped anew meanwhile, or since this process read the master key
            self._reload()
        found = self._store.find(subjects)
        try:
            return {one: self._unwrap(one, stored.wrapped) for one, stored in found.items()}
        except StoredTextDamaged:
            raise VaultLocked(reason="a stored key does not open under the master key") from None

    def _wrap(self, subject: str, key: bytes) -> bytes:
        return seal(self._master, key, _wrapping(subject))

    def _unwrap(self, subject: str, wrapped: bytes | None) -> bytes | None:
        return None if wrapped is None else open_sealed(self._master, wrapped, _wrapping(subject))

    def _reload(self) -> None:
        name = self._store.master() or ""
        self._master_name, self._master = name, AESGCM(self._file.find(name))


def _told(subject: str, place: str) -> bytes:
    return f"{subject}\0{place}".encode()


def _wrapping(subject: str) -> bytes:
    return f"wenyuan key of {subject}".encode()
