"""Export and import of the directory."""
