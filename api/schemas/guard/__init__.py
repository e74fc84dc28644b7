"""Bodies of the guard."""
