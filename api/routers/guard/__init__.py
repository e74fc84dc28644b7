"""Routes of the guard."""
