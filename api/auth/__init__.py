"""Authentication: the only producer of principals."""
