"""Generation: evidence in, checked and cited answer out. It never searches and never reads a store."""
