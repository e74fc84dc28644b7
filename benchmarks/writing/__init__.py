"""Answers that language models write: malicious ones, captured prompts, streams that are left, a small real one."""
