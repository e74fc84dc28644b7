"""What a question and a table say: words, wordings, heads, and which of a table a question names."""
