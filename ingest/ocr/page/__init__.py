"""The recognised lines of a page, set in order: figures and tables apart, columns, paragraphs, vertical writing."""
