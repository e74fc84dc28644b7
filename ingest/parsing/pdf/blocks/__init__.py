"""Lines of all pages become blocks: paragraphs, headings, notes, formulas, running heads."""
