"""How well enrichment describes documents: kinds, dates, terms, keywords, summaries, near-duplicates."""
