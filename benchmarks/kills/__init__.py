"""Kills the server while it ingests, starts it again, and compares what was acknowledged with what is there.

Run: ``python -m benchmarks.kills [--files 50] [--kills 20] [--seed N] [--models FOLDER] [--keep FOLDER]``.
"""
