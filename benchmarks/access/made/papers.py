"""A generated document with rules for its parts, written beside a world of the oracle, and what is shown of it.

The generator knows of each word which rules are on it, the oracle who may read under each; the product stores, marks,
cuts and shows. What it shows of blocks and passages is compared with what both say.
"""

import random
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
import time_machine

from benchmarks.access.made.written import Difference, Written
from benchmarks.chunking.parts import Made, made
from ingest.chunking import StructureChunker
from tests.oracle.policies import may_read
from tests.oracle.worlds import MOMENTS, draw_rule
from wenyuan.access import AccessPolicy, AccessScope, Principal, Visibility, resolve_scope
from wenyuan.answers import Hit
from wenyuan.db import documents as docs
from wenyuan.db import tables as t
from wenyuan.db.access.parts import may_read_whole, put_rules
from wenyuan.db.access.readable import read_with
from wenyuan.db.access.spaces import create_space
from wenyuan.db.contents import write_chunks, write_parsed
from wenyuan.db.evidence import SqlEvidenceStore
from wenyuan.db.texts.blocks import load_blocks
from wenyuan.db.texts.parts import mark_version
from wenyuan.documents import Page, ParsedDocument, SourceFile
from wenyuan.errors import NotFound

_CHUNKER: Final = StructureChunker(len, 120)


class Held:
    """A directory that says what was found out before."""

    def __init__(self, seen: Visibility) -> None:
        self._seen = seen

    async def visibility(self, user_id: str) -> Visibility:
        """Return it, whoever asks."""
        return self._seen


class AtHand:
    """A database whose reads go to one connection, at once."""

    def __init__(self, tx: Any) -> None:
        self._tx = tx

    async def run_read(self, reading: Any, *given: Any, **named: Any) -> Any:
        """Call a reading."""
        return reading(self._tx.sync, *given, **named)


@dataclass
class Paper:
    """The document: its id and version, the rule of the world it stands under, and those that are on its words."""

    written: Written
    id: str
    version: str
    rule: int
    words: dict[str, set[int]]
    parts: list[int]
    made: Made

    @classmethod
    async def write(cls, written: Written, draw: random.Random) -> "Paper":
        """Write a document under one of the world's policies, with policies for its parts."""
        tx, world = written.tx, written.world
        document, made_of = f"doc_{draw.getrandbits(60)}", made(draw)
        number = draw.randrange(len(world.rules))
        owner = next(iter(written.ids.values()))
        space = await create_space(tx, f"s{document}", "", AccessPolicy())
        await docs.create_document(
            tx, document, space_id=space.id, title="w", owner_id=owner, policy_id=written.policies[number]
        )
        source = SourceFile("f.md", "f.md", document, 1, "text/markdown")
        await docs.want_version(tx, document, f"ver{document}", source)
        version = await docs.get_version(tx, f"ver{document}")
        if version is None:
            raise RuntimeError(document)
        names = {kind: [name for one, name in written.ids if one == kind] for kind in ("user", "group", "department")}
        names |= {"role": ["r0"], "everyone": [""]}
        rules = [draw_rule(draw, names, number + 1) for _ in made_of.rules]
        for drawn in rules:
            drawn.parent = number
        wanted = [(one.selector, written.policy(rule)) for one, rule in zip(made_of.rules, rules, strict=True)]
        stored = await put_rules(tx, document, written.policies[number], wanted)
        parsed = ParsedDocument((Page(1, 1, 1),), tuple(made_of.blocks))
        # Cut along the borders, or as it was before there were any.
        cut = _CHUNKER.chunk("w", parsed, stored if draw.random() < 0.7 else ())
        await write_parsed(tx, version.id, parsed)
        await write_chunks(tx, version.id, cut)
        await mark_version(tx, version.id, stored)
        await docs.publish_version(tx, version)
        numbers = {}
        for said, one, kept in zip(rules, made_of.rules, stored, strict=True):
            numbers[one.policy_id] = len(world.rules)
            world.rules.append(said)
            written.policies.append(kept.policy_id)
        words = {word: {numbers[policy] for policy in held} for word, held in made_of.policies.items()}
        return cls(written, document, version.id, number, words, sorted(numbers.values()), made_of)

    def told(self, name: str, moment: float) -> set[str]:
        """Return the words that the oracle lets somebody read."""
        world = self.written.world
        open_rules = {one for one in (self.rule, *self.parts) if may_read(world, name, one, moment)}
        return {word for word, held in self.words.items() if self.rule in open_rules and held <= open_rules}

    async def compare(self, held: dict[str, Visibility] | None = None) -> int:
        """Compare what is shown to everybody at every moment; returns the number of words decided on.

        ``held``: what the directory had said before a change, which is then what their scopes carry.
        """
        count = 0
        for name in self.written.world.people:
            for number, moment in enumerate(MOMENTS):
                seen = self.written.seen(name, MOMENTS[number - 1]) if held is None else held[name]
                with time_machine.travel(moment, tick=False):
                    await self._compare(name, seen, moment)
                count += len(self.words)
        return count

    async def _compare(self, name: str, seen: Visibility, moment: float) -> None:
        told = self.told(name, moment)
        place = f"parts of {self.id} for {name} at {moment}"
        user = self.written.ids["user", name]
        if not seen.active:
            return
        scope = await resolve_scope(Held(seen), Principal(user, name))
        blocks, headings = await self._blocks(scope)
        body = set(self.words) - self.made.headings
        if blocks & body != told & body or not blocks <= told or not headings <= told:
            raise Difference(f"{place}: blocks show {sorted(blocks ^ told)}, headings {sorted(headings - told)}")
        passages = await self._passages(scope)
        if not passages <= told:
            raise Difference(f"{place}: passages show {sorted(passages - told)}")
        whole = bool(told) and all(may_read(self.written.world, name, one, moment) for one in self.parts)
        if self._reads_whole(user, seen, moment) is not whole and told:
            raise Difference(f"{place}: whole is {whole}")

    async def _blocks(self, scope: AccessScope) -> tuple[set[str], set[str]]:
        try:
            found = await load_blocks(scope, self.written.tx, self.id, self.version)
        except NotFound:
            return set(), set()
        texts = {word for one in found for word in self._words(one.block.text)}
        return texts, {word for one in found for text in one.block.heading_path for word in self._words(text)}

    async def _passages(self, scope: AccessScope) -> set[str]:
        tx = self.written.tx
        ids = list(await tx.scalars(sa.select(t.chunks.c.id).where(t.chunks.c.version_id == self.version)))
        store: Any = SqlEvidenceStore(AtHand(tx))  # type: ignore[arg-type]  # the reads of one connection
        found = await store.load(scope, [Hit(one, 1.0, 1) for one in ids])
        return {word for one in found for text in (one.text, one.context) for word in self._words(text)}

    def _reads_whole(self, user: str, seen: Visibility, moment: float) -> bool:
        asked = sa.select(t.documents.c.id).where(t.documents.c.id == self.id, may_read_whole(t.documents.c.id))
        return self.written.tx.sync.scalar(asked, read_with(user, seen, moment)) is not None

    def _words(self, text: str) -> set[str]:
        return {"w" + part + "w" for part in text.split("w") if part.isdecimal()} & self.words.keys()
