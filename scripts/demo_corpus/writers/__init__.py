"""One module per output format; every writer is a pure function from a document to bytes."""
