"""Export and import of the directory as JSON and CSV."""
