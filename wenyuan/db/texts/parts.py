"""What the rules of a document come to in its versions: written with them, read when pages are shown.

Blocks are read here to say which of them a rule names; their text stays here.
"""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from wenyuan.access import AccessScope
from wenyuan.db import tables as t
from wenyuan.db.access.parts import CLOSED, REFUSING, WHOLE, read_rules, selector_of
from wenyuan.db.access.readable import reads_as
from wenyuan.db.contents import RANGES, insert_rows
from wenyuan.db.engine import Connection
from wenyuan.db.texts.rows import BODIES, chunk_texts, read_blocks
from wenyuan.db.vault.sealing import document_of, sealer
from wenyuan.documents import Block
from wenyuan.parts.marks import Marks, Policies, marks_of, settled
from wenyuan.parts.rules import Rule, Selector


async def mark_versions(tx: Connection, document_id: str, rules: Sequence[Rule]) -> None:
    """Write what the rules come to in every version of a document that readers may be shown."""
    version = t.versions
    shown = sa.select(version.c.id).where(version.c.document_id == document_id, version.c.published_at.is_not(None))
    for version_id in (await tx.scalars(shown)).all():
        await mark_version(tx, version_id, rules)


async def mark_version(tx: Connection, version_id: str, rules: Sequence[Rule]) -> bool:
    """Write what the rules come to in one version; returns whether that is something else for any chunk.

    A chunk that was cut across the border of a part has the policies of both sides, so that it is never shown to too
    many while it waits to be cut again.
    """
    before = await chunk_marks(tx, version_id)
    if not rules and not before and not await _is_marked(tx, version_id):
        return False
    blocks = await _blocks(tx, version_id) if rules else []
    document_id = await document_of(tx, version_id)
    marks = await asyncio.to_thread(marks_of, blocks, rules)
    await _write_blocks(tx, version_id, marks, len(blocks))
    chunk = t.chunks
    texts = (chunk.c.text, chunk.c.context, chunk.c.heading_path, chunk.c.anchor, chunk.c.sealed)
    cut: sa.Select[Any] = sa.select(chunk.c.id, chunk.c.ranges, *texts).where(chunk.c.version_id == version_id)
    found = await tx.execute(cut)
    own = sealer(tx)
    after = {
        row.id: marks.of_chunk(RANGES.validate_python(row.ranges), chunk_texts(own, document_id, row)[2])
        for row in found
    }
    after = {chunk_id: held for chunk_id, held in after.items() if held}
    if after != before:
        await _write_chunks(tx, version_id, after)
    return after != before


async def count_named(tx: Connection, version_id: str, rules: Sequence[Rule]) -> dict[str, int]:
    """Return how many blocks, or rows of tables, each rule names in a version, by the rule's id."""
    blocks = await _blocks(tx, version_id)
    return dict((await asyncio.to_thread(marks_of, blocks, rules)).counts)


async def settle(tx: Connection, version_id: str | None, selectors: Sequence[Selector]) -> list[Selector]:
    """Return selectors as they are stored, for the version that answers: see ``wenyuan.parts.marks.settled``."""
    if version_id is None or all(one.numbers is None for one in selectors):
        return list(selectors)
    known = [rule.selector for rule in await read_rules(tx, await document_of(tx, version_id))]
    blocks = await _blocks(tx, version_id)
    return await asyncio.to_thread(lambda: [settled(blocks, one, known) for one in selectors])


async def chunk_marks(tx: Connection, version_id: str) -> dict[str, Policies]:
    """Return the policies of the chunks of a version that have any besides the document's."""
    held, chunk = t.chunk_policies, t.chunks
    rows = await tx.execute(
        sa.select(held.c.chunk_id, held.c.policy_id)
        .join(chunk, chunk.c.id == held.c.chunk_id)
        .where(chunk.c.version_id == version_id)
        .order_by(held.c.chunk_id)
    )
    pairs = ((row.chunk_id, row.policy_id) for row in rows)
    return {
        chunk_id: frozenset(policy for _, policy in group) for chunk_id, group in groupby(pairs, key=lambda one: one[0])
    }


async def shows_page(scope: AccessScope, tx: Connection, document_id: str, version_id: str, number: int) -> bool:
    """Return whether the scope may read everything on a page (1-based) of a version of a readable document.

    A page on which nothing was found, or not all, shows something that no rule could name: it is shown to those who
    may read every part. So are pages between those that a closed part begins and ends on.
    """
    given = {"document": document_id, "version": version_id} | reads_as(scope)
    refusing = [selector_of(sealer(tx), document_id, row) for row in await tx.execute(REFUSING, given)]
    if not refusing:
        return True
    if any(one.pages is not None and one.pages[0] <= number <= one.pages[1] for one in refusing):
        return False
    page = t.pages
    failed = await tx.scalar(sa.select(page.c.error).where(page.c.version_id == version_id, page.c.number == number))
    closed = {row.ordinal for row in await tx.execute(CLOSED, given)}
    blocks = await _blocks(tx, version_id)
    return failed is None and await asyncio.to_thread(_is_open, blocks, closed, number)


def _is_open(blocks: Sequence[Block], closed: set[int], number: int) -> bool:
    """Whether something stands on the page, and nothing closed; what is closed without a place closes every page."""
    found = False
    run: list[int] = []
    for ordinal, block in enumerate(blocks):
        pages = [box.page for box in block.boxes]
        if ordinal not in closed:
            run = []
            found |= number in pages
            continue
        run += pages
        if not run or min(run) <= number <= max(run):
            return False
    return found


async def _blocks(tx: Connection, version_id: str) -> list[Block]:
    block = t.blocks
    rows = (await tx.execute(BODIES.where(block.c.version_id == version_id).order_by(block.c.ordinal))).all()
    return await read_blocks(tx, await document_of(tx, version_id), version_id, rows)


async def _is_marked(tx: Connection, version_id: str) -> bool:
    return bool(await tx.scalar(sa.select(sa.exists().where(t.block_policies.c.version_id == version_id))))


async def _write_blocks(tx: Connection, version_id: str, marks: Marks, size: int) -> None:
    await tx.execute(sa.delete(t.block_policies).where(t.block_policies.c.version_id == version_id))
    places: list[tuple[int, int, Policies]] = [(ordinal, WHOLE, marks.of(ordinal)) for ordinal in range(size)]
    places += [(ordinal, row, held) for (ordinal, row), held in marks.rows.items()]
    rows = [
        {"version_id": version_id, "ordinal": ordinal, "row": row, "policy_id": policy_id}
        for ordinal, row, held in places
        for policy_id in sorted(held)
    ]
    await insert_rows(tx, t.block_policies, rows)


async def _write_chunks(tx: Connection, version_id: str, after: dict[str, Policies]) -> None:
    chunk, held = t.chunks, t.chunk_policies
    mine = sa.select(chunk.c.id).where(chunk.c.version_id == version_id)
    await tx.execute(sa.delete(held).where(held.c.chunk_id.in_(mine)))
    open_again = sa.update(chunk).where(chunk.c.version_id == version_id, chunk.c.policy_id.is_not(None))
    await tx.execute(open_again.values(policy_id=None))
    if not after:
        return
    rows: list[dict[str, Any]] = [
        {"chunk_id": chunk_id, "policy_id": one} for chunk_id, policies in after.items() for one in sorted(policies)
    ]
    await insert_rows(tx, held, rows)
    closes = sa.update(chunk).where(chunk.c.id == sa.bindparam("of_chunk")).values(policy_id=sa.bindparam("first"))
    await tx.execute(closes, [{"of_chunk": chunk_id, "first": min(one)} for chunk_id, one in after.items()])
