"""Faults put into the code of parts of documents one at a time, each with the tests that have to notice it."""

from typing import Final

from benchmarks.proof.mutations import Mutation

_GRAPHS: Final = ("tests/unit/access/test_part_graphs.py::test_words_are_shown_as_the_oracle_says_for_given_seeds",)
_MARKS: Final = ("tests/unit/access/test_parts.py",)
_STORED: Final = ("tests/contract/access/test_parts.py",)

_OF = "wenyuan/parts/marks.py"
_CONDITIONS = "wenyuan/db/access/parts.py"
_WRITTEN = "wenyuan/db/texts/parts.py"
_BLOCKS = "wenyuan/db/texts/blocks.py"
_TABLES = "wenyuan/db/texts/tables.py"

PART_MUTATIONS: Final = (
    # What a rule names.
    Mutation("a rule that names nothing closes nothing", _OF, "            whole.add(rule.policy_id)\n", "", _GRAPHS),
    Mutation(
        "of two rules on a block the last counts",
        _OF,
        "on_blocks[ordinal] = on_blocks.get(ordinal, NONE) | mark",
        "on_blocks[ordinal] = mark",
        _GRAPHS,
    ),
    Mutation(
        "of two rules on a row the last counts",
        _OF,
        "on_rows[row] = on_rows.get(row, NONE) | mark",
        "on_rows[row] = mark",
        _MARKS,
    ),
    Mutation("sums stay open", _OF, "return (whole, found | totals)", "return (whole, found)", _GRAPHS),
    Mutation("blanks stay open", _OF, "if said in wanted or not said:", "if said in wanted:", _MARKS),
    Mutation(
        "a table without the column stays open",
        _OF,
        "            if column is None:\n                whole.add(ordinal)\n",
        "            if column is None:\n",
        _MARKS,
    ),
    Mutation("sections end at the next heading", _OF, "levels[-1] >= level", "levels", _GRAPHS),
    Mutation("footnotes stay open", _OF, "scope &= self._spread(self._below(", "scope &= (self._below(", _GRAPHS),
    Mutation("the last page stays open", _OF, "first <= box.page <= last", "first <= box.page < last", _GRAPHS),
    Mutation("headings of a chunk are not asked", _OF, "*self.of_headings(path, first)", "", _MARKS),
    Mutation(
        "rows of a chunk are not asked",
        _OF,
        "found.union(*(self.rows.get((ordinal, row), NONE) for row in rows))",
        "found",
        _GRAPHS,
    ),
    # What is written of it, and what reads ask.
    Mutation("only one policy of a chunk is asked", _CONDITIONS, ", ~others.correlate(chunk)))", "))", _GRAPHS),
    Mutation(
        "chunks of parts are open",
        _CONDITIONS,
        "return sa.or_(chunk.c.policy_id.is_(None), sa.and_(",
        "return sa.or_(sa.true(), sa.and_(",
        _GRAPHS,
    ),
    Mutation(
        "the whole is shown to all",
        _CONDITIONS,
        "return ~sa.exists().where(rule.c.document_id == document_id,",
        "return ~sa.exists().where(rule.c.document_id != document_id,",
        _GRAPHS,
    ),
    Mutation(
        "rules lie on the first version alone",
        _WRITTEN,
        "(await tx.scalars(shown)).all():",
        "(await tx.scalars(shown)).all()[:1]:",
        _STORED,
    ),
    Mutation(
        "marks of rows are not written",
        _WRITTEN,
        "    places += [(ordinal, row, held) for (ordinal, row), held in marks.rows.items()]\n",
        "",
        _GRAPHS,
    ),
    Mutation(
        "pages between closed ones are shown",
        _WRITTEN,
        "if not run or min(run) <= number <= max(run):",
        "if number in pages:",
        _STORED,
    ),
    Mutation(
        "pages that nothing was read from are shown",
        _WRITTEN,
        "    return found\n\n\nasync def _blocks",
        "    return True\n\n\nasync def _blocks",
        _STORED,
    ),
    Mutation(
        "closed blocks are shown",
        _BLOCKS,
        ", t.blocks.c.ordinal.not_in(CLOSED_ALL)\n).order_by",
        "\n).order_by",
        _GRAPHS,
    ),
    Mutation(
        "closed rows are shown",
        _BLOCKS,
        "    if not gone:\n        return block\n",
        "    if gone is not None:\n        return block\n",
        _GRAPHS,
    ),
    Mutation(
        "closed headings are shown",
        _BLOCKS,
        "if comparable(text) not in headings)",
        "if text)",
        ("tests/contract/access/test_parts.py::test_a_closed_heading_is_in_no_path",),
    ),
    Mutation(
        "hidden pieces of a sheet are not told",
        _TABLES,
        "any(at == row.ordinal or _are_one(block, one) for at, one in closed.items())",
        "row.ordinal in closed",
        _STORED,
    ),
    Mutation(
        "hidden rows are not told",
        _TABLES,
        "any(at == row.ordinal or _are_one(block, one) for",
        "any(at != row.ordinal and _are_one(block, one) for",
        ("tests/contract/access/test_parts.py::test_tables_are_read_without_what_is_closed_and_say_so",),
    ),
    Mutation("closed tables are read", _TABLES, "    t.blocks.c.ordinal.not_in(CLOSED_ALL),\n", "", _STORED),
    Mutation(
        "dates of a document with closed parts are told",
        "wenyuan/db/texts/profiles.py",
        "sa.and_(t.profiles.c.version_id == t.versions.c.id, may_read_whole(t.documents.c.id))",
        "t.profiles.c.version_id == t.versions.c.id",
        ("tests/contract/texts/test_surroundings.py",),
    ),
)
