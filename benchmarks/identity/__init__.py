"""Measurements of identity: budgets under many requests, and what times betray."""
