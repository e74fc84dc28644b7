"""Words: text to lexical terms, and how rare a term is in Chinese and English at large."""
