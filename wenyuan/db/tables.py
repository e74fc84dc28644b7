"""Tables of the metadata database. Times are seconds since 1970 (UTC, float)."""

import sqlalchemy as sa

from wenyuan.db.schema import base, guarding, identity, parts
from wenyuan.db.schema import conversations as talks
from wenyuan.db.schema.base import boundary as _boundary
from wenyuan.db.schema.base import key as _id
from wenyuan.db.schema.base import ref as _ref
from wenyuan.db.schema.base import sealed as _sealed
from wenyuan.db.schema.base import time as _time

metadata = base.metadata
passwords, login_failures, sessions = identity.passwords, identity.login_failures, identity.sessions
identities, pending_logins = identity.identities, identity.pending_logins
spending, running_answers = identity.spending, identity.running_answers
conversations, conversation_turns = talks.conversations, talks.conversation_turns
turn_parts, turn_sources, turn_citations = talks.turn_parts, talks.turn_sources, talks.turn_citations
conversation_shares, citations = talks.conversation_shares, talks.citations
quarantined = guarding.quarantined
part_rules, block_policies, chunk_policies = parts.part_rules, parts.block_policies, parts.chunk_policies

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.BigInteger(), nullable=False),
)

users = sa.Table(
    "users",
    metadata,
    _id(),
    sa.Column("name", sa.String(128), nullable=False, unique=True),
    sa.Column("display_name", sa.String(256), nullable=False),
    sa.Column("roles", sa.JSON(), nullable=False),
    sa.Column("clearance", sa.Integer(), nullable=False),
    sa.Column("active", sa.Boolean(), nullable=False),
    _time("created_at"),
    # ``employment``: staff, external, suspended, left. The account counts from ``valid_from``, before ``valid_until``.
    sa.Column("employment", sa.String(16), nullable=False, server_default="staff"),
    _time("valid_from", nullable=True),
    _time("valid_until", nullable=True),
    # The directory that provides the account, None for a local one; what it calls it; what else it says of the person.
    sa.Column("directory", sa.String(64), nullable=True),
    sa.Column("external_id", sa.String(256), nullable=True),
    sa.Column("profile", sa.JSON(none_as_null=True), nullable=True),
    # The provider removed it: it stays as the owner of what it owned, under a name that is free for nobody.
    _time("removed_at", nullable=True),
    # ``person``, or ``service``: a program's, which has tokens and neither password nor session.
    sa.Column("kind", sa.String(16), nullable=False, server_default="person"),
    sa.Index(None, "directory", "external_id"),
)

# Need to know: a policy with a compartment is read only by those who hold it.
user_compartments = sa.Table(
    "user_compartments",
    metadata,
    _ref("user_id", "users.id", key=True),
    sa.Column("compartment", sa.String(64), primary_key=True),
)

# Roles that a person has in the company, which policies may name. They grant no action here.
user_roles = sa.Table(
    "user_roles",
    metadata,
    _ref("user_id", "users.id", key=True),
    sa.Column("role", sa.String(128), primary_key=True),
    sa.Index(None, "role"),
)

# A tree. Who belongs to a department belongs to all above it.
departments = sa.Table(
    "departments",
    metadata,
    _id(),
    sa.Column("name", sa.String(128), nullable=False, unique=True),
    sa.Column("title", sa.String(256), nullable=False),
    sa.Column("parent_id", sa.String(64), nullable=True),
    sa.Column("directory", sa.String(64), nullable=True),
    sa.Column("external_id", sa.String(256), nullable=True),
    sa.Index(None, "parent_id"),
)

department_members = sa.Table(
    "department_members",
    metadata,
    _ref("department_id", "departments.id", key=True),
    _ref("user_id", "users.id", key=True),
    sa.Index(None, "user_id"),
)

groups = sa.Table(
    "groups",
    metadata,
    _id(),
    sa.Column("name", sa.String(128), nullable=False, unique=True),
    sa.Column("directory", sa.String(64), nullable=True),
    sa.Column("external_id", sa.String(256), nullable=True),
)

# How the syncs of a directory stand: where the next one goes on, and what the last one did or would do.
directory_syncs = sa.Table(
    "directory_syncs",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("cursor", sa.String(256), nullable=True),
    _time("synced_at", nullable=True),
    _time("complete_at", nullable=True),
    _time("tried_at", nullable=True),
    sa.Column("error_code", sa.String(64), nullable=True),
    sa.Column("error_params", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
)

# A member is a user or another group; nesting may be deep and may even hold cycles.
group_members = sa.Table(
    "group_members",
    metadata,
    _ref("group_id", "groups.id", key=True),
    sa.Column("member_kind", sa.String(16), primary_key=True),
    sa.Column("member_id", sa.String(64), primary_key=True),
    sa.Index(None, "member_kind", "member_id"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    _id(),
    _ref("user_id", "users.id"),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
    _time("created_at"),
    _time("expires_at", nullable=True),
    # What it is good for; without it for all that its user may do.
    sa.Column("scopes", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("prefix", sa.String(16), nullable=True),
    _time("last_used_at", nullable=True),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
    sa.Column("classification", sa.Integer(), nullable=False),
    # With ``inherits`` everything that the parent says holds too: its entries count, its conditions must be met.
    sa.Column("parent_id", sa.Integer(), nullable=True),
    sa.Column("inherits", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("staff_only", sa.Boolean(), nullable=False, server_default=sa.false()),
    _time("not_before", nullable=True),
    _time("not_after", nullable=True),
    sa.Index(None, "parent_id"),
    _boundary("not_before"),
    _boundary("not_after"),
)

policy_compartments = sa.Table(
    "policy_compartments",
    metadata,
    sa.Column("policy_id", sa.Integer(), sa.ForeignKey("policies.id"), primary_key=True),
    sa.Column("compartment", sa.String(64), primary_key=True),
)

# A policy and those from which it inherits, itself included: what counts for it is what stands on any of them.
policy_ancestors = sa.Table(
    "policy_ancestors",
    metadata,
    sa.Column("policy_id", sa.Integer(), sa.ForeignKey("policies.id"), primary_key=True),
    sa.Column("ancestor_id", sa.Integer(), sa.ForeignKey("policies.id"), primary_key=True),
    sa.Index(None, "ancestor_id", "policy_id"),
)

policy_entries = sa.Table(
    "policy_entries",
    metadata,
    sa.Column("policy_id", sa.Integer(), sa.ForeignKey("policies.id"), primary_key=True),
    sa.Column("effect", sa.String(8), primary_key=True),
    sa.Column("subject_kind", sa.String(16), primary_key=True),
    sa.Column("subject_id", sa.String(64), primary_key=True),
    # The entry counts from ``not_before`` and before ``not_after``.
    _time("not_before", nullable=True),
    _time("not_after", nullable=True),
    # Holds all that finding a reader's policies asks.
    sa.Index(
        "ix_policy_entries_subject", "subject_kind", "subject_id", "policy_id", "effect", "not_before", "not_after"
    ),
    _boundary("not_before"),
    _boundary("not_after"),
)

spaces = sa.Table(
    "spaces",
    metadata,
    _id(),
    sa.Column("name", sa.String(128), nullable=False, unique=True),
    sa.Column("title", sa.String(256), nullable=False),
    sa.Column("policy_id", sa.Integer(), sa.ForeignKey("policies.id"), nullable=False),
)

# Who may upload into a space (contributor) or manage its documents (manager). Readers are the space's policy.
space_grants = sa.Table(
    "space_grants",
    metadata,
    _ref("space_id", "spaces.id", key=True),
    sa.Column("role", sa.String(16), primary_key=True),
    sa.Column("subject_kind", sa.String(16), primary_key=True),
    sa.Column("subject_id", sa.String(64), primary_key=True),
)

# Folders of a space, a tree. A folder always has a policy of its own, which inherits unless it is set to override.
folders = sa.Table(
    "folders",
    metadata,
    _id(),
    _ref("space_id", "spaces.id"),
    sa.Column("parent_id", sa.String(64), nullable=True),
    sa.Column("name", sa.String(256), nullable=False),
    sa.Column("policy_id", sa.Integer(), sa.ForeignKey("policies.id"), nullable=False),
    sa.Index(None, "space_id", "parent_id"),
    sa.Index(None, "policy_id"),
)

documents = sa.Table(
    "documents",
    metadata,
    _id(),
    _ref("space_id", "spaces.id"),
    sa.Column("title", sa.String(512), nullable=False),
    _ref("owner_id", "users.id"),
    sa.Column("policy_id", sa.Integer(), sa.ForeignKey("policies.id"), nullable=False),
    sa.Column("current_version_id", sa.String(64), nullable=True),
    sa.Column("wanted_version_id", sa.String(64), nullable=True),
    sa.Column("deleted", sa.Boolean(), nullable=False),
    _time("created_at"),
    # Without one the document lies in the space itself.
    sa.Column("folder_id", sa.String(64), nullable=True),
    _sealed(),
    sa.Index(None, "policy_id"),
    sa.Index(None, "folder_id"),
    sa.Index(None, "space_id"),
    sa.Index(None, "created_at", "id"),
)

versions = sa.Table(
    "versions",
    metadata,
    _id(),
    _ref("document_id", "documents.id"),
    sa.Column("filename", sa.String(512), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("media_type", sa.String(128), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("path", sa.String(512), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("warnings", sa.JSON(), nullable=False),
    sa.Column("error", sa.String(64), nullable=True),
    sa.Column("chunk_count", sa.Integer(), nullable=False),
    # Of the parser's fingerprint: blocks of one file by one parser are parsed once and copied after that.
    sa.Column("parser_sha256", sa.String(64), nullable=True),
    _time("created_at"),
    _time("published_at", nullable=True),
    _sealed(),
    sa.Index(None, "document_id"),
)

pages = sa.Table(
    "pages",
    metadata,
    _ref("version_id", "versions.id", key=True),
    sa.Column("number", sa.Integer(), primary_key=True),
    sa.Column("width", sa.Double(), nullable=False),
    sa.Column("height", sa.Double(), nullable=False),
    sa.Column("source", sa.String(8), nullable=False),
    sa.Column("error", sa.String(64), nullable=True),
    sa.Column("confidence", sa.Double(), nullable=True),
)

# What is known of a page before its version is parsed to the end, so that a restart goes on at the next page.
page_drafts = sa.Table(
    "page_drafts",
    metadata,
    _ref("version_id", "versions.id", key=True),
    sa.Column("number", sa.Integer(), primary_key=True),
    sa.Column("body", sa.JSON(), nullable=False),
    _sealed(),
)

# ``original_body`` is the block as it was parsed, where a correction changed it; SQL NULL elsewhere.
blocks = sa.Table(
    "blocks",
    metadata,
    _ref("version_id", "versions.id", key=True),
    sa.Column("ordinal", sa.Integer(), primary_key=True),
    sa.Column("body", sa.JSON(), nullable=False),
    sa.Column("original_body", sa.JSON(none_as_null=True), nullable=True),
    _sealed(),
)

chunks = sa.Table(
    "chunks",
    metadata,
    _id(),
    _ref("version_id", "versions.id"),
    sa.Column("ordinal", sa.Integer(), nullable=False),
    sa.Column("text", sa.Text(), nullable=False),
    sa.Column("context", sa.Text(), nullable=False),
    sa.Column("heading_path", sa.JSON(), nullable=False),
    sa.Column("ranges", sa.JSON(), nullable=False),
    sa.Column("pages", sa.JSON(), nullable=False),
    sa.Column("tokens", sa.Integer(), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("anchor", sa.String(256), nullable=True),
    sa.Column("section", sa.Integer(), nullable=False, server_default="0"),
    # Of the text that is embedded (context and text): an equal one in another version of the document lends its vector.
    sa.Column("embedded_sha256", sa.String(64), nullable=True),
    # Of a part that has policies of its own the first of them, which the index knows; see ``chunk_policies``.
    sa.Column("policy_id", sa.Integer(), nullable=True),
    _sealed(),
    sa.UniqueConstraint("version_id", "ordinal"),
    sa.Index(None, "policy_id"),
    sa.Index(None, "version_id", "embedded_sha256"),
)

# Vectors are kept so that an index can be rebuilt without embedding again.
chunk_vectors = sa.Table(
    "chunk_vectors",
    metadata,
    _ref("chunk_id", "chunks.id", key=True),
    sa.Column("model", sa.String(64), primary_key=True),
    sa.Column("vector", sa.LargeBinary(), nullable=False),
)

# Indexes beside each other: one answers, one may be under construction, retired ones are about to be removed. ``model``
# holds the settings by which the embedder is opened again.
indexes = sa.Table(
    "indexes",
    metadata,
    sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("embedder", sa.String(64), nullable=False),
    sa.Column("lexical", sa.String(64), nullable=False),
    sa.Column("model", sa.JSON(), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    _time("created_at"),
    _time("retired_at", nullable=True),
)

# Questions that a language model wrote about a chunk; an empty list where it was asked and wrote none. ``made_by``
# names model and prompt.
chunk_questions = sa.Table(
    "chunk_questions",
    metadata,
    _ref("chunk_id", "chunks.id", key=True),
    sa.Column("questions", sa.JSON(), nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    _sealed(),
)

question_vectors = sa.Table(
    "question_vectors",
    metadata,
    _ref("chunk_id", "chunks.id", key=True),
    sa.Column("ordinal", sa.Integer(), primary_key=True),
    sa.Column("model", sa.String(64), primary_key=True),
    sa.Column("vector", sa.LargeBinary(), nullable=False),
)

# A person's correction of a block, applied again to every version in which the text that was corrected still stands.
corrections = sa.Table(
    "corrections",
    metadata,
    _id(),
    _ref("document_id", "documents.id"),
    sa.Column("original_sha256", sa.String(64), nullable=False),
    sa.Column("original_body", sa.JSON(), nullable=False),
    sa.Column("body", sa.JSON(), nullable=False),
    _ref("author_id", "users.id"),
    _time("created_at"),
    _sealed(),
    sa.UniqueConstraint("document_id", "original_sha256"),
)

# What enrichment found out about a version: summary, keywords, type, language, dates, terms.
profiles = sa.Table(
    "profiles",
    metadata,
    _ref("version_id", "versions.id", key=True),
    sa.Column("body", sa.JSON(), nullable=False),
    sa.Column("signature", sa.LargeBinary(), nullable=False),
    _sealed(),
)

# Bands of MinHash signatures: versions that share one are candidates for near-duplicates.
profile_bands = sa.Table(
    "profile_bands",
    metadata,
    sa.Column("band", sa.String(32), primary_key=True),
    _ref("version_id", "versions.id", key=True),
    sa.Index(None, "version_id"),
)

# Where documents are taken from. The configuration holds no secrets: it names the settings that hold them.
sources = sa.Table(
    "sources",
    metadata,
    _id(),
    sa.Column("name", sa.String(128), nullable=False, unique=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("config", sa.JSON(), nullable=False),
    _ref("space_id", "spaces.id"),
    _ref("owner_id", "users.id"),
    sa.Column("interval_s", sa.Double(), nullable=True),
    sa.Column("error_code", sa.String(64), nullable=True),
    _time("created_at"),
    _time("synced_at", nullable=True),
)

source_items = sa.Table(
    "source_items",
    metadata,
    _ref("source_id", "sources.id", key=True),
    sa.Column("key_sha256", sa.String(64), primary_key=True),
    sa.Column("key", sa.Text(), nullable=False),
    sa.Column("revision", sa.String(256), nullable=False),
    sa.Column("access_sha256", sa.String(64), nullable=True),
    _ref("document_id", "documents.id", nullable=True),
    sa.Column("error_code", sa.String(64), nullable=True),
    _time("seen_at"),
    _sealed(),
    sa.Index(None, "document_id"),
)

# What a space calls things. ``folded`` is the name as matching sees it; synonyms stand in the order they were given.
terms = sa.Table(
    "terms",
    metadata,
    _id(),
    _ref("space_id", "spaces.id"),
    sa.Column("name", sa.String(128), nullable=False),
    sa.Column("folded", sa.String(512), nullable=False),
    sa.Column("synonyms", sa.JSON(), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    _ref("author_id", "users.id"),
    _time("updated_at"),
    sa.UniqueConstraint("space_id", "folded"),
)

# The forms of terms as matching sees them, and their beginnings, by which those that may stand in a question are found.
term_forms = sa.Table(
    "term_forms",
    metadata,
    _ref("term_id", "terms.id", key=True),
    sa.Column("form", sa.String(512), primary_key=True),
    sa.Column("head", sa.String(512), nullable=False),
    sa.Index(None, "head"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    _id(),
    sa.Column("sequence", sa.BigInteger(), nullable=False, unique=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("dedupe_key", sa.String(192), nullable=True, unique=True),
    sa.Column("owner_id", sa.String(64), nullable=True),
    sa.Column("subject", sa.String(64), nullable=False),
    sa.Column("payload", sa.JSON(), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("stage", sa.String(32), nullable=False),
    sa.Column("progress_done", sa.Integer(), nullable=False),
    sa.Column("progress_total", sa.Integer(), nullable=False),
    sa.Column("progress_unit", sa.String(16), nullable=False),
    sa.Column("attempt", sa.Integer(), nullable=False),
    sa.Column("max_attempts", sa.Integer(), nullable=False),
    sa.Column("fence", sa.BigInteger(), nullable=False),
    sa.Column("worker", sa.String(64), nullable=True),
    _time("lease_until", nullable=True),
    _time("run_after"),
    sa.Column("error_code", sa.String(64), nullable=True),
    sa.Column("error_params", sa.JSON(), nullable=True),
    _time("created_at"),
    _time("finished_at", nullable=True),
    sa.Index(None, "state", "run_after", "sequence"),
    sa.Index(None, "owner_id"),
    sa.Index(None, "subject"),
)
