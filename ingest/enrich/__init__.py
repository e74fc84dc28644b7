"""Enrichment: what can be found out about a version once it is cut and embedded.

Pure functions of blocks and chunk vectors; each part is optional by setting and measured by ``benchmarks.enrich``.
"""

from ingest.enrich.stage import Enrichment

__all__ = ["Enrichment"]
