"""What the guard knows of documents: quarantine, levels of classification, who vouches for them."""
