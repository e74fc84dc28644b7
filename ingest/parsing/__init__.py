"""Parsing: a file becomes pages and blocks, inside the sandbox."""
