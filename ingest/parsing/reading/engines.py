"""The engines that read bitmaps, opened by the settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from ingest.ocr.service import open_ocr
from ingest.ocr.vision.endpoint import open_endpoint
from ingest.ocr.vision.formula import open_formula_endpoint
from ingest.parsing.reading.recognition import Engines
from wenyuan.settings import IngestSettings


@asynccontextmanager
async def open_engines(settings: IngestSettings, models_dir: Path) -> AsyncIterator[Engines | None]:
    """Yield the engines, None when recognition is off; the local one starts its child with the first page.

    Raises ``ModelMissing`` or ``ModelDamaged`` without its models.
    """
    if not settings.ocr:
        yield None
        return
    async with AsyncExitStack() as stack:
        local = open_ocr(settings, models_dir)
        stack.push_async_callback(local.close)
        endpoint = open_endpoint(settings)
        names = ["ocr", *([local.models.name] if settings.ocr_models else [])]
        if endpoint is not None:
            stack.push_async_callback(endpoint.close)
            names.append(endpoint.model)
        formulas = open_formula_endpoint(settings)
        if formulas is not None:
            stack.push_async_callback(formulas.close)
            names.append(f"formula-{formulas.model}")
        tables = local if local.looks_at_tables else None
        yield Engines(local, endpoint, formulas, tables, "+".join(names))
