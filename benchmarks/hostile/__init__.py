"""Hostile files: a generated corpus, mutants of sound files, hidden text; run against the product's own parsers."""
