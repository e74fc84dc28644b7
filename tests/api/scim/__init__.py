"""Provisioning over HTTP against the real application."""
