"""Evaluation: data sets, metrics, runs and the demo. Nothing imports this package; never write a bare import of it."""
