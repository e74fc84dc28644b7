"""What each stage of retrieval adds, and what is learned for them."""
