"""Run parsers on untrusted files in short-lived child processes with limits."""

from ingest.sandbox.runner import ChildResult, Sandbox

__all__ = ["ChildResult", "Sandbox"]
