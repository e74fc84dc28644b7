"""The documentation is tested: what it names exists, what exists is named."""
