"""Permissions carried along: what sidecars and sources say about who may read, brought together by path.

A sidecar (``.wenyuan-access.yaml``) holds ``allow`` and ``deny``, lists of ``everyone``, ``user:NAME``, ``group:NAME``,
``department:NAME``, ``role:NAME``, and ``classification``, a word or a number. It applies to everything beside and
below it. The nearest ``allow`` counts; ``deny`` adds up and the highest classification counts, so that what lies deeper
can never undo them. Where no ``allow`` is said the space's readers read, as the space's policy is at each moment; what
cannot be understood lets nobody read.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ingest.sources.errors import AccessUnmapped
from wenyuan.access import AccessPolicy, Classification, Subject, SubjectKind
from wenyuan.db.access.subjects import ANYBODY, find_subjects
from wenyuan.db.engine import Connection
from wenyuan.errors import UnknownName

MAX_SIDECAR_BYTES: Final = 256 * 1024
MAX_NAMES: Final = 5000
_KEYS: Final = {"allow", "deny", "classification"}
_LEVELS: Final = {level.name.lower(): int(level) for level in Classification}
_KINDS: Final = {kind.value for kind in SubjectKind} - {SubjectKind.EVERYONE.value}


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said at one place. ``allow`` is None where it says nothing of readers; ``wrong`` says what is wrong."""

    allow: tuple[str, ...] | None = None
    deny: tuple[str, ...] = ()
    classification: int = 0
    wrong: str = ""

    def within(self, outer: "Statement") -> "Statement":
        """Return what holds below both, ``outer`` being the one further up."""
        return Statement(
            outer.allow if self.allow is None else self.allow,
            tuple(dict.fromkeys((*outer.deny, *self.deny))),
            max(outer.classification, self.classification),
            outer.wrong or self.wrong,
        )


SILENT: Final = Statement()


class _Loader(yaml.SafeLoader):
    """Plain data without aliases: a few lines of those can stand for billions of nodes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("alias")
        return super().compose_node(parent, index)


def read_statement(data: bytes | str) -> Statement:
    """Return what a sidecar says; one that cannot be read says that it is wrong."""
    text = data if isinstance(data, str) else data.decode("utf-8-sig", "replace")
    if len(text) > MAX_SIDECAR_BYTES:
        return Statement(wrong="size")
    try:
        # A subclass of the safe loader.
        body = yaml.load(text, _Loader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError):
        return Statement(wrong="YAML")
    if body is None:
        return Statement(wrong="empty")
    if not isinstance(body, dict) or not set(body) <= _KEYS:
        return Statement(wrong="keys")
    try:
        return Statement(
            _names(body["allow"]) if "allow" in body else None,
            _names(body.get("deny", [])),
            _level(body.get("classification", 0)),
        )
    except ValueError as error:
        return Statement(wrong=str(error))


def statement_for(key: str, sidecars: Mapping[str, Statement], own: str | None) -> Statement | None:
    """Return what holds for the item ``key``: sidecars by folder (``""`` is the top), and what the item itself says.

    None where nothing is said.
    """
    found: Statement | None = None
    parts = key.split("/")[:-1]
    for depth in range(len(parts) + 1):
        here = sidecars.get("/".join(parts[:depth]))
        if here is not None:
            found = here.within(found or SILENT)
    if own is not None:
        found = read_statement(own).within(found or SILENT)
    return found


@dataclass(frozen=True, slots=True)
class Carried:
    """The policy that a statement comes to, None for the space's, its digest, and the error if it let nobody read."""

    policy: AccessPolicy | None
    sha256: str | None
    error: AccessUnmapped | None = None


async def resolve(tx: Connection, statement: Statement | None) -> Carried:
    """Turn names into subjects of the directory as it stands now; a statement without ``allow`` narrows the space's."""
    if statement is None:
        return Carried(None, None)
    policy, error = AccessPolicy(), None
    try:
        if statement.wrong:
            raise AccessUnmapped(reason=statement.wrong)
        policy = AccessPolicy(
            await _subjects(tx, statement.allow or ()),
            await _subjects(tx, statement.deny),
            statement.classification,
            inherits=statement.allow is None,
        )
    except UnknownName as unknown:
        error = AccessUnmapped(reason=str(unknown.params["name"])[:128])
    except AccessUnmapped as wrong:
        error = wrong
    return Carried(policy, _digest(policy), error)


async def _subjects(tx: Connection, names: tuple[str, ...]) -> tuple[Subject, ...]:
    split = [text.partition(":") for text in names]
    return tuple(await find_subjects(tx, [(SubjectKind(kind), name) for kind, _, name in split], ANYBODY))


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_NAMES or not all(isinstance(one, str) for one in value):
        raise ValueError("allow, deny: list")
    for one in value:
        kind, _, name = one.partition(":")
        if one != "everyone" and (kind not in _KINDS or not 0 < len(name) <= 128):
            raise ValueError(str(one)[:128])
    return tuple(value)


def _level(value: object) -> int:
    if isinstance(value, str) and value in _LEVELS:
        return _LEVELS[value]
    if isinstance(value, int) and not isinstance(value, bool) and value in _LEVELS.values():
        return value
    raise ValueError("classification")


def _digest(policy: AccessPolicy) -> str:
    entries = [
        "|".join(sorted(f"{subject.kind}:{subject.id}" for subject in subjects))
        for subjects in (policy.allow, policy.deny)
    ]
    entries += [str(policy.classification), *(["inherits"] if policy.inherits else [])]
    return hashlib.sha256("\n".join(entries).encode()).hexdigest()
