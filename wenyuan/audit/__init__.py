"""The audit: what is recorded of every access, sealed into a chain, and how a breach of the chain is found."""
