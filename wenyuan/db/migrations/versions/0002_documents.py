"""What is known of documents: confidences, drafts of pages, corrections, profiles; where documents come from."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns."""
    op.create_table(
        "sources",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("space_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("interval_s", sa.Double(), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("synced_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_sources_owner_id")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_sources_space_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", name=op.f("uq_sources_name")),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=64), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=False),
        sa.Column("original_body", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_corrections_author_id")),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_corrections_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("document_id", "original_sha256", name=op.f("uq_corrections_document_id_original_sha256")),
    )
    op.create_table(
        "source_items",
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("revision", sa.String(length=256), nullable=False),
        sa.Column("access_sha256", sa.String(length=64), nullable=True),
        sa.Column("document_id", sa.String(length=64), nullable=True),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=op.f("fk_source_items_document_id")),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_source_items_source_id")),
        sa.PrimaryKeyConstraint("source_id", "key_sha256", name=op.f("pk_source_items")),
    )
    op.create_index(op.f("ix_source_items_document_id"), "source_items", ["document_id"], unique=False)
    op.create_table(
        "page_drafts",
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_page_drafts_version_id")),
        sa.PrimaryKeyConstraint("version_id", "number", name=op.f("pk_page_drafts")),
    )
    op.create_table(
        "profile_bands",
        sa.Column("band", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_profile_bands_version_id")),
        sa.PrimaryKeyConstraint("band", "version_id", name=op.f("pk_profile_bands")),
    )
    op.create_index(op.f("ix_profile_bands_version_id"), "profile_bands", ["version_id"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("version_id", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_profiles_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_profiles")),
    )
    op.add_column("blocks", sa.Column("original_body", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("chunks", sa.Column("section", sa.Integer(), server_default="0", nullable=False))
    op.add_column("chunks", sa.Column("embedded_sha256", sa.String(length=64), nullable=True))
    op.create_index(
        op.f("ix_chunks_version_id_embedded_sha256"), "chunks", ["version_id", "embedded_sha256"], unique=False
    )
    op.add_column("pages", sa.Column("confidence", sa.Double(), nullable=True))
    op.add_column("versions", sa.Column("parser_sha256", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Remove them."""
    op.drop_column("versions", "parser_sha256")
    op.drop_column("pages", "confidence")
    op.drop_index(op.f("ix_chunks_version_id_embedded_sha256"), table_name="chunks")
    op.drop_column("chunks", "embedded_sha256")
    op.drop_column("chunks", "section")
    op.drop_column("blocks", "original_body")
    op.drop_table("profiles")
    op.drop_index(op.f("ix_profile_bands_version_id"), table_name="profile_bands")
    op.drop_table("profile_bands")
    op.drop_table("page_drafts")
    op.drop_index(op.f("ix_source_items_document_id"), table_name="source_items")
    op.drop_table("source_items")
    op.drop_table("corrections")
    op.drop_table("sources")
