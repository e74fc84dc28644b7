"""Metadata in SQL: the truth about who, what and which version. SQLite by default, PostgreSQL by URL."""
