"""Read text from bitmaps of pages: models, a warm child process that recognises, and the reading order."""
