"""Connectors of sources: one kit, a place of its own for each adapter."""
