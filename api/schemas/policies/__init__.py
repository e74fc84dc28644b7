"""Bodies of what says who may read what."""
