"""Which indexes there are, and which of them answers."""
