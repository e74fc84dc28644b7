"""Proof that nobody is shown more than is theirs: random trials, and faults that the tests must notice."""
