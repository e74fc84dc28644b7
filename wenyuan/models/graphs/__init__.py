"""Graphs made from the encoder with trained changes."""
