"""Tables whatever the format: cells from strokes, alignment or a structure model, continued tables, typed values."""
