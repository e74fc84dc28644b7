"""People, tokens, policies and spaces in SQL."""
