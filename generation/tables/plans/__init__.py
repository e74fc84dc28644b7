"""The plan language, and how a question becomes a plan."""
