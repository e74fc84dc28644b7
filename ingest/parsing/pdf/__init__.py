"""PDF with a text layer: characters and strokes become blocks in reading order."""
