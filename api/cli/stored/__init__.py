"""Commands about what is stored: its keys, its backups."""
