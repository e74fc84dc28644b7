"""How well files are parsed: documents whose content is known, real pages labelled by eye, and the bars for both."""
