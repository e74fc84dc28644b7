"""Texts beside the chunks: blocks as people see them, profiles, corrections. Every read takes a scope or a lease."""
