"""Kernel of Wenyuan: value types, access, ports, errors, settings, database, jobs, models."""

__version__ = "0.1.0"
