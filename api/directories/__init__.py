"""Directories that accounts come from: adapters behind one port, and the job that keeps accounts as they say."""
