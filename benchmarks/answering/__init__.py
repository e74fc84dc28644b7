"""Measurements of answers: planted errors, support."""
