"""Encryption of stored text: a key for each document and conversation, wrapped by a master key kept apart."""
