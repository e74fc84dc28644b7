"""Tables without rules that have a structure of their own: wrapped cells in a stack, statements of amounts."""
