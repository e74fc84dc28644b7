"""Trials of the permission rules at the level of the pipeline, against an evaluator that shares nothing with them."""
