"""Logs and metrics. They carry ids, counts and durations; never text of documents, questions or secrets."""

import logging
import sys
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Counter("wenyuan_requests", "HTTP requests", ("route", "method", "status"), registry=REGISTRY)
LATENCY: Final = Histogram("wenyuan_request_seconds", "HTTP request duration", ("route",), registry=REGISTRY)
ANSWERS: Final = Counter("wenyuan_answers", "Answers given", ("answerer", "outcome"), registry=REGISTRY)
STAGES: Final = Histogram("wenyuan_stage_seconds", "Duration of a stage", ("stage",), registry=REGISTRY)
CHUNKS: Final = Counter("wenyuan_chunks", "Chunks by where their vector came from", ("vector",), registry=REGISTRY)


def observe_stage(name: str, seconds: float) -> None:
    """Count one run of a named stage."""
    STAGES.labels(name).observe(seconds)


def count_chunks(*, embedded: int, reused: int) -> None:
    """Count the chunks of a version that were embedded, and those whose vector another version had already."""
    CHUNKS.labels("embedded").inc(embedded)
    CHUNKS.labels("reused").inc(reused)


def configure_logging(level: str = "INFO") -> None:
    """Write one JSON line per event to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
