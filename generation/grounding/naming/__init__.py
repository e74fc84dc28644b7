"""Names in statements: there or not, said of the same thing, in the same part, and what a passage speaks of."""
