"""Generated documents with their truth: one model per seed, drawn by several programs."""
