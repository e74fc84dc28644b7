"""Companies and documents that are made up, written by the product and known to the oracle."""
