"""Encrypted backups: what is stored as of one moment in one file, the keys of its text in another."""
