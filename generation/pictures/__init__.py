"""Pictures: the figures that belong to what an answer quotes, and the picture that a question brings."""
