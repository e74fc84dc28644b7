"""Settings: ``configs/default.yaml`` under ``WENYUAN_*``. Unknown keys, and secrets in YAML, are refused."""

import os
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource
from pydantic_settings import SettingsError as UnreadableValue

from wenyuan.chat.settings import GenerationSettings
from wenyuan.errors import SettingsError
from wenyuan.guarding.settings import GuardSettings
from wenyuan.people.settings import AccessSettings, BudgetSettings, DirectoriesSettings, IdentitySettings, Section
from wenyuan.vault.settings import VaultSettings

CONFIGS: Final = Path(__file__).resolve().parent.parent / "configs"
PREFIX: Final = "WENYUAN_"
# Read by the command line and the tests, not by the service.
CLIENT_VARIABLES: Final = frozenset({"WENYUAN_URL", "WENYUAN_TOKEN", "WENYUAN_BACKUP_PASSPHRASE"})
TEST_PREFIX: Final = "WENYUAN_TEST_"
SECRETS: Final = (
    ("database", "url"),
    ("index", "api_key"),
    ("embedding", "api_key"),
    ("retrieval", "rerank_api_key"),
    ("ingest", "ocr_api_key"),
    ("ingest", "formula_api_key"),
    ("generation", "api_key"),
    ("generation", "keys"),
    ("guard", "classifier_api_key"),
    ("sources", "credentials"),
    ("directories", "credentials"),
    ("identity", "client_secrets"),
    ("audit", "key"),
    ("audit", "url"),
    ("vault", "url"),
)

# Tokens of a prompt that are no evidence: the instructions and the question.
_INSTRUCTIONS: Final = 1000

# How cuts are found in long text without headings: at sizes alone, where words change, where sentence vectors turn.
TopicBreaks = Literal["off", "lexical", "embedding"]


class ServerSettings(Section):
    """The HTTP service.

    ``read_s``: how long it waits for the head of a request, and in all for the pieces of its body, for which every
    ``read_kib_s`` KiB that arrived allow another second. ``max_picture_mb``: of a picture that a question brings.
    """

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    max_question_chars: int = Field(4000, ge=1)
    max_picture_mb: int = Field(6, ge=1, le=64)
    max_concurrent_answers: int = Field(8, ge=1)
    read_s: float = Field(30, gt=0)
    read_kib_s: float = Field(8, gt=0)


class DatabaseSettings(Section):
    """SQLite in the data folder unless ``url`` names a PostgreSQL server (``postgresql+psycopg://``)."""

    url: SecretStr | None = None
    pool_size: int = Field(8, ge=1)


class IndexSettings(Section):
    """``edge``: the engine in process; ``server``: a Qdrant cluster at ``url``.

    ``search``: ``auto`` takes approximate ways (one byte a dimension first, a graph) where a scope sees many points;
    ``exact`` compares all vectors that the scope sees, and nothing else has a part in places and scores.
    """

    kind: Literal["edge", "server"] = "edge"
    url: str | None = None
    api_key: SecretStr | None = None
    collection: str = "wenyuan"
    search: Literal["auto", "exact"] = "auto"


class EmbeddingSettings(Section):
    """``model``: a built-in name, a folder, or a hub name; or an OpenAI-compatible endpoint at ``url``."""

    model: str = "e5-small-offline"
    url: str | None = None
    api_key: SecretStr | None = None
    allow_download: bool = False
    threads: int = Field(2, ge=1)
    batch: int = Field(16, ge=1)


class IngestSettings(Section):
    """Limits of intake, parsing and chunking.

    ``ocr_models``: a folder with ``det`` and ``rec`` of another PP-OCR, each ``inference.onnx`` and ``inference.yml``.
    ``ocr_url``: an OpenAI-compatible endpoint of the vision model ``ocr_model`` that reads page images before the
    local engine does; off by default. ``ocr_pictures``: pictures that are read of one file at most.
    ``formula_url``: such an endpoint, of the model ``formula_model``, that reads formulas of pages as LaTeX; off by
    default. ``office_renderer``: Office files get page images, and legacy ones are read, by LibreOffice where it is
    installed; ``office_program``: its program, else the one on the path. ``malware``: every received file is scanned
    by the clamd at ``malware_socket`` (a path or ``host:port``) and refused without its verdict.
    """

    max_file_mb: int = Field(200, ge=1)
    max_pages: int = Field(2000, ge=1)
    parse_wall_s: float = Field(120, gt=0)
    parse_wall_per_page_s: float = Field(1, ge=0)
    parse_memory_mb: int = Field(1536, ge=256)
    ocr: bool = True
    ocr_page_s: float = Field(90, gt=0)
    ocr_pictures: int = Field(200, ge=0)
    office_renderer: Literal["auto", "off"] = "auto"
    office_program: str | None = None
    ocr_models: Path | None = None
    ocr_url: str | None = None
    ocr_model: str | None = None
    ocr_api_key: SecretStr | None = None
    formula_url: str | None = None
    formula_model: str | None = None
    formula_api_key: SecretStr | None = None
    chunk_tokens: int = Field(310, ge=32)
    topic_breaks: TopicBreaks = "lexical"
    preview_mb: int = Field(20, ge=1)
    preview_pages: int = Field(100, ge=1)
    workers: int = Field(1, ge=0)
    min_free_mb: int = Field(1024, ge=0)
    malware: Literal["off", "clamd"] = "off"
    malware_socket: str | None = None

    @model_validator(mode="after")
    def _scanner_is_named(self) -> "IngestSettings":
        if self.malware != "off" and not self.malware_socket:
            raise ValueError("ingest.malware = clamd needs ingest.malware_socket, a path or host:port")
        return self

    @model_validator(mode="after")
    def _endpoint_is_named(self) -> "IngestSettings":
        for name, url, model in (
            ("ocr", self.ocr_url, self.ocr_model),
            ("formula", self.formula_url, self.formula_model),
        ):
            if url is not None and (not model or not url.startswith(("https://", "http://"))):
                raise ValueError(f"ingest.{name}_url needs http:// or https:// and ingest.{name}_model")
        return self


class EnrichSettings(Section):
    """What is found out about each version after chunking. ``llm`` sends its text to the generation endpoint.

    ``questions``: how many questions that endpoint writes about a chunk, each with a vector of its own, 0 for none;
    ``question_chunks``: chunks of a version that it is asked about at most.
    """

    summary: Literal["none", "extractive", "llm"] = "extractive"
    keywords: Literal["none", "statistical", "llm"] = "statistical"
    kind: bool = True
    dates: bool = True
    terms: bool = True
    entities: bool = True
    similar: bool = True
    similarity: float = Field(0.8, ge=0.5, le=1)
    llm_chars: int = Field(12_000, ge=500)
    questions: int = Field(0, ge=0, le=8)
    question_chunks: int = Field(400, ge=1)

    @property
    def by_model(self) -> bool:
        """Whether a language model writes parts of the profile."""
        return "llm" in {self.summary, self.keywords}


class RetentionSettings(Section):
    """``versions_days``: how long a version stays readable after a newer one took its place; None: for ever.

    A version that a stored answer cites stays. ``conversations``: whether conversations of the page are stored at all;
    ``conversations_days``: how long one is kept after its last question; None: until its owner deletes it.
    """

    versions_days: int | None = Field(None, ge=1)
    conversations: bool = True
    conversations_days: int | None = Field(None, ge=1)


class AuditSettings(Section):
    """The audit log.

    ``days``: how long entries are kept. ``keys_dir``: where the key that seals them and the anchor of the log stand,
    apart from the data; None: beside the data folder. ``key``: the key itself, 64 hexadecimal digits, for several
    machines. ``url``: a database for the log alone (``postgresql+psycopg://``) in the server profile, else that of the
    metadata.
    """

    days: int = Field(365, ge=180)
    keys_dir: Path | None = None
    key: SecretStr | None = None
    url: SecretStr | None = None


class RetrievalSettings(Section):
    """How many candidates each arm gives, the weight of the lexical arm in the fusion, and what reranks the result.

    ``lexical_weight``: None takes the learned weight for the question's language. ``query_map``: questions are
    moved by what was learned for the embedder, if anything was. ``linear`` reranks offline; the others are the shapes
    of HTTP endpoints at ``rerank_url``. ``idf``: rarity of terms from a fixed background, or from the ``corpus``, which
    is for an index that all its readers may read whole: counts of documents that one may not see would move scores.
    ``vocabulary``: questions are searched in the words of documents by ``configs/vocabulary.yaml`` too.
    ``crossing``: Chinese questions are searched in English words too, English ones in Chinese words.
    ``rerank_below``: of a question that takes more than this share of the learned step, 0..1, the offline reranker
    keeps the fused order, where it does not pay. ``rerank_certain``: a lead of the first passage's fused score over
    the second's from which nothing is reranked. ``rerank_s``: seconds after which the fused order stands.
    """

    candidates: int = Field(100, ge=1, le=1000)
    lexical_weight: float | None = Field(None, ge=0, le=1)
    idf: Literal["background", "corpus"] = "background"
    query_map: bool = True
    vocabulary: bool = True
    crossing: bool = True
    evidence: int = Field(8, ge=1, le=100)
    rerank: Literal["none", "linear", "tei", "jina", "cohere", "dashscope"] = "linear"
    rerank_pool: int = Field(20, ge=1, le=100)
    rerank_below: float = Field(0.5, ge=0, le=1)
    rerank_certain: float | None = Field(None, gt=0)
    rerank_url: str | None = None
    rerank_model: str | None = None
    rerank_api_key: SecretStr | None = None
    rerank_s: float = Field(2, gt=0)

    @model_validator(mode="after")
    def _endpoint_is_named(self) -> "RetrievalSettings":
        if self.rerank not in {"none", "linear"} and not self.rerank_url:
            raise ValueError(f"retrieval.rerank = {self.rerank} needs retrieval.rerank_url")
        if self.rerank in {"jina", "cohere", "dashscope"} and not self.rerank_model:
            raise ValueError(f"retrieval.rerank = {self.rerank} needs retrieval.rerank_model")
        return self


class PackingSettings(Section):
    """What of the retrieved passages the answerer is given, and what beside them.

    ``duplicates``: the Jaccard similarity from which a passage with the same numbers and denials repeats a better one;
    None keeps all. ``per_document``: passages of one document at most, unless it is the only one; 0 for any number.
    ``per_uploader``: the share of them that one member's documents make up at most where others' are relevant too, but
    for administrators and managers of the space; 1 for any.
    ``diversity``: the weight of newness against relevance. ``neighbours``: chunks of the same section added before and
    behind each passage; ``openings``: the first chunk of its section too. ``exhaustive``: passages looked at for a
    question that asks for all there is or about a whole document, 0 to treat it like any other; ``relevance``: the
    share of the best one's relevance that such a passage has to reach. ``tokens``: what all of it may
    take; None is what a language model may be given, or 20,000 without one. ``count``: how tokens are counted.
    """

    duplicates: float | None = Field(0.9, gt=0, le=1)
    per_document: int = Field(0, ge=0)
    per_uploader: float = Field(0.5, gt=0, le=1)
    diversity: float = Field(0, ge=0, lt=1)
    neighbours: int = Field(0, ge=0, le=10)
    openings: bool = False
    exhaustive: int = Field(100, ge=0, le=500)
    relevance: float = Field(0.05, ge=0, le=1)
    tokens: int | None = Field(None, ge=1)
    count: Literal["estimate", "embedder"] = "estimate"


class SourceEndpoint(Section):
    """A server that documents may be taken from. Without ``url`` an ``s3`` one is that of AWS in ``region``.

    ``buckets``: which ones, else any that the account may read. ``credentials`` names an entry of
    ``sources.credentials``; without it requests carry none.
    """

    kind: Literal["s3", "webdav"]
    url: str | None = None
    region: str = "us-east-1"
    path_style: bool = True
    buckets: tuple[str, ...] = ()
    credentials: str | None = None


class SourceCredentials(Section):
    """An account at an endpoint: user and password (for S3 the two keys), or a bearer token."""

    user: str | None = None
    password: SecretStr | None = None
    token: SecretStr | None = None


class SourcesSettings(Section):
    """Where documents may be taken from: folders and endpoints by name. Sources refer to these names only."""

    folders: dict[str, Path] = Field({})
    endpoints: dict[str, SourceEndpoint] = Field({})
    credentials: dict[str, SourceCredentials] = Field({})
    settle_s: float = Field(5, ge=0)
    poll_s: float = Field(5, gt=0)
    max_items: int = Field(100_000, ge=1)

    @model_validator(mode="after")
    def _names_exist(self) -> "SourcesSettings":
        for name, endpoint in self.endpoints.items():
            if endpoint.credentials is not None and endpoint.credentials not in self.credentials:
                raise ValueError(f"endpoints.{name}.credentials names no entry of sources.credentials")
            if endpoint.url is None and endpoint.kind != "s3":
                raise ValueError(f"endpoints.{name} needs url")
            if endpoint.url is not None and not endpoint.url.startswith(("https://", "http://")):
                raise ValueError(f"endpoints.{name}.url needs http:// or https://")
        return self


class Settings(BaseSettings):
    """All settings. A wrong mixture of profiles is refused here, at start, with one sentence."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        yaml_file_encoding="utf-8",
    )

    profile: Literal["solo", "server"] = "solo"
    data_dir: Path = Path("var/data")
    models_dir: Path = Path("var/models")
    server: ServerSettings = ServerSettings()
    database: DatabaseSettings = DatabaseSettings()
    index: IndexSettings = IndexSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    ingest: IngestSettings = IngestSettings()
    enrich: EnrichSettings = EnrichSettings()
    retention: RetentionSettings = RetentionSettings()
    audit: AuditSettings = AuditSettings()
    vault: VaultSettings = VaultSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    packing: PackingSettings = PackingSettings()
    generation: GenerationSettings = GenerationSettings()
    access: AccessSettings = AccessSettings()
    guard: GuardSettings = GuardSettings()
    sources: SourcesSettings = SourcesSettings()
    directories: DirectoriesSettings = DirectoriesSettings()
    identity: IdentitySettings = IdentitySettings()
    budget: BudgetSettings = BudgetSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over YAML over defaults; no dotenv."""
        yaml = YamlConfigSettingsSource(settings_cls, yaml_file=CONFIGS / "default.yaml")
        refuse_secrets(yaml())
        return init_settings, env_settings, file_secret_settings, yaml

    @property
    def packing_tokens(self) -> int:
        """Tokens of evidence that the answerer is given at most."""
        if self.packing.tokens is not None:
            return self.packing.tokens
        if self.generation.answerer == "llm":
            largest = max(one.context_tokens for one in self.generation.endpoints)
            return max(1, largest - _INSTRUCTIONS)
        return 20_000

    @model_validator(mode="after")
    def _one_profile(self) -> "Settings":
        if self.profile == "solo" and (self.index.kind != "edge" or self.database.url is not None):
            raise ValueError(
                "profile solo uses index.kind = edge and no database.url; set profile = server for a cluster"
            )
        if self.profile == "server" and (
            self.index.kind != "server" or not self.index.url or self.database.url is None
        ):
            raise ValueError("profile server needs database.url, index.kind = server and index.url")
        return self

    @model_validator(mode="after")
    def _audit_stands_apart(self) -> "Settings":
        folder = self.audit.keys_dir
        if folder is not None and folder.resolve().is_relative_to(self.data_dir.resolve()):
            raise ValueError("audit.keys_dir lies in data_dir: who may write the log could seal it anew")
        if self.audit.url is not None and self.profile == "solo":
            raise ValueError("audit.url is for profile server; solo keeps the log in data_dir")
        return self

    @model_validator(mode="after")
    def _keys_stand_apart(self) -> "Settings":
        file = self.vault.key_file
        if file is not None and file.resolve().is_relative_to(self.data_dir.resolve()):
            raise ValueError("vault.key_file lies in data_dir: who takes the data would have the key with it")
        if self.vault.url is not None and self.profile == "solo":
            raise ValueError("vault.url is for profile server; solo keeps the keys in audit.keys_dir")
        return self

    @model_validator(mode="after")
    def _levels_exist(self) -> "Settings":
        unknown = self.guard.personal_levels.keys() - {level.key for level in self.access.lattice}
        if unknown:
            raise ValueError(f"guard.personal_levels: no level {min(unknown)}")
        return self

    @model_validator(mode="after")
    def _enrichment_has_its_model(self) -> "Settings":
        if self.enrich.by_model and not self.generation.endpoints:
            raise ValueError("enrich.summary or enrich.keywords = llm needs generation.url and generation.model")
        if self.enrich.questions and not self.generation.endpoints:
            raise ValueError("enrich.questions needs generation.url and generation.model")
        return self


def load_settings() -> Settings:
    """Return the settings of this process; raises ``SettingsError`` with one sentence."""
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and not _known(name))
    if unknown:
        raise SettingsError(reason=f"unknown environment variable {unknown[0]}")
    try:
        return Settings()
    except UnreadableValue as error:  # it repeats the name, never the value
        raise SettingsError(reason=str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SettingsError(reason=f"{place}: {first['msg']}" if place else first["msg"]) from None


def refuse_secrets(values: dict[str, Any]) -> None:
    """Raise ``SettingsError`` when a YAML file holds a secret: those come from the environment."""
    for section, key in SECRETS:
        if (values.get(section) or {}).get(key) is not None:
            raise SettingsError(reason=f"{section}.{key} is a secret; set {PREFIX}{section.upper()}__{key.upper()}")


def _known(name: str) -> bool:
    if name in CLIENT_VARIABLES or name.startswith(TEST_PREFIX):
        return True
    section, *key = name.removeprefix(PREFIX).lower().split("__")
    field = Settings.model_fields.get(section)
    if field is None or not key:
        return field is not None
    inner = field.annotation
    return isinstance(inner, type) and issubclass(inner, BaseModel) and key[0] in inner.model_fields
