"""Evaluation on data sets of texts: the bulk load, the workspace, rankings and answers."""
