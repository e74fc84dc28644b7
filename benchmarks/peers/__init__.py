"""Other retrieval engines over the same passages, questions and vectors."""
