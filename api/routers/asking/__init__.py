"""Routes that answer: chat, its models, search."""
