"""Lists of words: found fast in long texts, and in the ways in which people write around them."""
