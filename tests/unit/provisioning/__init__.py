"""Filters, changes and plans of provisioning, as pure functions."""
