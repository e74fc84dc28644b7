"""The demo: a corpus of a fictional company, its directory, its questions, and the scenario that shows them."""
