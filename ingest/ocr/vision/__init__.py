"""Pages read by a vision model of another server, where one is configured."""
