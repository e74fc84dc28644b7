"""The guard: personal data, words that are not answered, the label of generated content."""
