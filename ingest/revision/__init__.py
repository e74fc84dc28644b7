"""Revision: what people change of a document after it was parsed, and how two versions of it differ."""
