"""People as directories describe them, and what follows when a directory says something new."""
