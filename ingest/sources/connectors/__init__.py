"""The adapters of :class:`ingest.sources.port.Connector`, one per kind of place."""
