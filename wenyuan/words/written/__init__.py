"""Names, and numbers in words, as they are written."""
