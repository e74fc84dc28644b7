"""Text as stored: sealed with the key of its document, which is kept apart from it."""
