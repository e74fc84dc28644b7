"""What the proofs over HTTP share: people with documents to lose, and a model that takes its time."""
