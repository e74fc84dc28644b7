"""The doctor: does what SQL says agree with schema, files and index? Needs the data folder to itself."""

from api.bootstrap import open_services
from wenyuan.db.health import file_paths, published_chunk_ids, unfinished_versions
from wenyuan.db.migrate import differences
from wenyuan.settings import Settings


async def examine(settings: Settings) -> list[str]:
    """Return one sentence per finding; none when all is well."""
    idle = settings.model_copy(update={"ingest": settings.ingest.model_copy(update={"workers": 0})})
    findings = []
    async with open_services(idle) as services:
        if await differences(services.database):
            findings.append("the schema differs from the code: run `wenyuan migrate`")
        async with services.database.read() as tx:
            expected = await published_chunk_ids(tx)
            stuck = await unfinished_versions(tx)
            paths = await file_paths(tx)
        held = await services.index.point_ids()
        if missing := expected - held:
            findings.append(f"{len(missing)} published chunks are not in the index")
        if orphans := held - expected:
            findings.append(f"{len(orphans)} points of the index belong to no published version")
        findings += [f"version {version} is unfinished and has no job" for version in stuck]
        lost = [path for path in paths if not (settings.data_dir / path).is_file()]
        if lost:
            findings.append(f"{len(lost)} source files are missing")
    return findings
