"""Tables of the audit log. They stand in a file or a schema of their own, apart from what they tell of."""

from typing import Final

import sqlalchemy as sa

SCHEMA: Final = "wenyuan_audit"
metadata: Final = sa.MetaData(schema=SCHEMA)

entries: Final = sa.Table(
    "audit_entries",
    metadata,
    sa.Column("sequence", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger(), nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("token", sa.String(64), nullable=False),
    sa.Column("behalf", sa.String(64), nullable=False),
    sa.Column("request", sa.String(64), nullable=False),
    sa.Column("target", sa.String(256), nullable=False),
    sa.Column("epoch", sa.BigInteger(), nullable=False),
    sa.Column("items", sa.Text(), nullable=False),
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Index(None, "actor", "sequence"),
    sa.Index(None, "action", "sequence"),
    sa.Index(None, "request"),
    sa.Index(None, "at"),
)

# What entries are found by when a document is asked for; the entries themselves say it too, under their seal.
documents: Final = sa.Table(
    "audit_documents",
    metadata,
    sa.Column("document", sa.String(64)),
    sa.Column("sequence", sa.BigInteger()),
    sa.PrimaryKeyConstraint("sequence", "document"),
    sa.Index(None, "document", "sequence"),
    sqlite_with_rowid=False,
)

_SQLITE_GUARD: Final = sa.DDL(  # type: ignore[no-untyped-call]
    "CREATE TRIGGER IF NOT EXISTS audit_append_only BEFORE UPDATE ON audit_entries "
    "BEGIN SELECT RAISE(ABORT, 'entries are not changed'); END"
).execute_if(dialect="sqlite")
_POSTGRES_FUNCTION: Final = sa.DDL(  # type: ignore[no-untyped-call]
    f"CREATE OR REPLACE FUNCTION {SCHEMA}.refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'entries are not changed'; END $$"
).execute_if(dialect="postgresql")
_POSTGRES_GUARD: Final = sa.DDL(  # type: ignore[no-untyped-call]
    f"CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE ON {SCHEMA}.audit_entries "
    f"FOR EACH STATEMENT EXECUTE FUNCTION {SCHEMA}.refuse()"
).execute_if(dialect="postgresql")
for _guard in (_SQLITE_GUARD, _POSTGRES_FUNCTION, _POSTGRES_GUARD):
    # Against mistakes, not against attackers: whoever may change rows may drop triggers. Those the seals find.
    sa.event.listen(entries, "after_create", _guard)
