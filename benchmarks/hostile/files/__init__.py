"""What is hostile and what is not, as bytes: sound files, bombs, packages, PDF, texts."""
