"""Text that is in a file and that nobody sees."""
