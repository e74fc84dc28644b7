"""Parts of documents that are read under policies of their own."""
