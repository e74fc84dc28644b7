"""Training of the offline reader: question and passage go through the embedder's layers together, the upper adapted."""
