"""Looking at who may read what: explained, listed, and as it would be after a change. Nothing here decides a read."""
