"""Tables of passwords, sessions, identities at issuers, and what was spent."""

import sqlalchemy as sa

from wenyuan.db.schema.base import key, metadata, ref, time

# ``hash`` names its own parameters. ``must_change``: good for nothing but giving another one.
passwords = sa.Table(
    "passwords",
    metadata,
    ref("user_id", "users.id", key=True),
    sa.Column("hash", sa.String(256), nullable=False),
    sa.Column("must_change", sa.Boolean(), nullable=False),
    time("changed_at"),
)

# Failed sign-ins: ``key`` is a digest of name, of address, or of both.
login_failures = sa.Table(
    "login_failures",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer(), nullable=False),
    time("last_at"),
    sa.Index(None, "last_at"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    key(),
    ref("user_id", "users.id"),
    sa.Column("secret_sha256", sa.String(64), nullable=False, unique=True),
    # How they signed in: with a password, or the issuer's name.
    sa.Column("method", sa.String(64), nullable=False),
    sa.Column("agent", sa.String(256), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    time("created_at"),
    time("seen_at"),
    time("expires_at"),
    sa.Index(None, "user_id"),
    sa.Index(None, "expires_at"),
)

# Whom an issuer means. ``groups_at``: the newest statement about groups that was followed.
identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.String(256), primary_key=True),
    sa.Column("subject", sa.String(255), primary_key=True),
    ref("user_id", "users.id"),
    time("created_at"),
    time("groups_at", nullable=True),
    sa.Column("groups_sha256", sa.String(64), nullable=True),
    sa.Index(None, "user_id"),
)

# Sign-ins under way at an issuer; each is taken once.
pending_logins = sa.Table(
    "pending_logins",
    metadata,
    sa.Column("state_sha256", sa.String(64), primary_key=True),
    sa.Column("browser_sha256", sa.String(64), nullable=False),
    sa.Column("issuer", sa.String(64), nullable=False),
    sa.Column("nonce", sa.String(64), nullable=False),
    sa.Column("verifier", sa.String(128), nullable=False),
    time("created_at"),
    sa.Index(None, "created_at"),
)

# What a user or a token took on a day (days since 1970, UTC).
spending = sa.Table(
    "spending",
    metadata,
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("day", sa.Integer(), primary_key=True),
    sa.Column("requests", sa.BigInteger(), nullable=False),
    sa.Column("tokens", sa.BigInteger(), nullable=False),
)

# Answers being made; one whose process died counts until ``until``.
running_answers = sa.Table(
    "running_answers",
    metadata,
    key(),
    sa.Column("user_id", sa.String(64), nullable=False),
    time("until"),
    sa.Index(None, "user_id"),
)
