"""Speed and proof of the permission rules."""
