"""What the guard is set to and what it refuses with."""
