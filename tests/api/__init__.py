"""The HTTP API, against the real application."""
