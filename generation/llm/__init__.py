"""Adapters to chat endpoints; nothing here is imported before an endpoint is configured."""
