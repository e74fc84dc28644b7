"""Measures of the chunker: what retrieval finds of marked spans, and what an edit changes."""
