"""Question in, evidence out: lexical terms, the index, fusion, and the retriever that joins them."""
