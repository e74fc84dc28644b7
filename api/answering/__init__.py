"""An answer on its way out: watched while it runs, and stored as it ends."""
