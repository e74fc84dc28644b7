"""The HTTP service, its composition root and the command line."""
