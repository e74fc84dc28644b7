"""The audit log in SQL: its tables, its writer, its reader, and the examination of its chain."""
