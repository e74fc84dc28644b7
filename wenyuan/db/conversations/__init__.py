"""Stored conversations: written as they happen, shown as the reader may see them now, forgotten in time."""
