"""Recognition of what a file shows but does not spell out: which parts need it, their bitmaps, and where text goes."""
