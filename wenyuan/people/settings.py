"""Settings of people: directories, identity, budgets, levels of classification."""

import re
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class Section(BaseModel):
    """A group of settings; unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DirectoryEndpoint(Section):
    """A directory that accounts come from, asked every ``interval_s`` seconds and in full every ``complete_s``.

    ``url``: for LDAP ``ldap://`` (with StartTLS unless that is switched off) or ``ldaps://``; the others have a public
    address of their own. ``credentials`` names an entry of ``directories.credentials``. ``attributes``: what of an
    LDAP entry is name, display_name, email and so on; ``employments``: by what the attribute of that name holds.
    ``adopt``: a local account of the same name becomes the directory's. ``most_disabled``: the share of accounts that
    a sync may disable without confirmation.
    """

    kind: Literal["ldap", "wecom", "dingtalk", "feishu"]
    url: str | None = None
    credentials: str
    interval_s: float | None = Field(3600, ge=10)
    complete_s: float = Field(86_400, ge=0)
    adopt: bool = False
    most_disabled: float = Field(0.1, ge=0, le=1)
    most_entries: int = Field(200_000, ge=1)
    timeout_s: float = Field(30, gt=0)
    employments: dict[str, Literal["staff", "external", "suspended", "left"]] = Field({})
    start_tls: bool = True
    ca_file: Path | None = None
    active_directory: bool = False
    base: str = ""
    people_filter: str = "(objectClass=person)"
    groups_filter: str = "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group))"
    departments: Literal["none", "units", "attribute"] = "none"
    membership: Literal["member", "memberOf"] = "member"
    page: int = Field(500, ge=1, le=5000)
    attributes: dict[str, str] = Field({})


class DirectoryCredentials(Section):
    """An account at a directory: name (a DN, a corporation, an application's key) and secret."""

    user: str = ""
    secret: SecretStr


class DirectoriesSettings(Section):
    """Where accounts come from, by name. ``scim_adopts``: a SCIM client may take over local accounts by name.

    ``scim_employments``: the employment by SCIM's ``userType``; any other is ``staff``.
    """

    endpoints: dict[str, DirectoryEndpoint] = Field({})
    credentials: dict[str, DirectoryCredentials] = Field({})
    poll_s: float = Field(5, gt=0)
    scim_adopts: bool = False
    scim_employments: dict[str, Literal["staff", "external", "suspended", "left"]] = Field({})

    @model_validator(mode="after")
    def _names_exist(self) -> "DirectoriesSettings":
        for name, endpoint in self.endpoints.items():
            if name == "scim" or not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", name):
                raise ValueError(f"endpoints.{name}: small letters, digits and hyphens, and not scim")
            if endpoint.credentials not in self.credentials:
                raise ValueError(f"endpoints.{name}.credentials names no entry of directories.credentials")
            if endpoint.kind == "ldap" and not (endpoint.url or "").startswith(("ldap://", "ldaps://")):
                raise ValueError(f"endpoints.{name}.url needs ldap:// or ldaps://")
            if endpoint.kind != "ldap" and not (endpoint.url or "https://").startswith(("https://", "http://")):
                raise ValueError(f"endpoints.{name}.url needs http:// or https://")
        return self


class IssuerSettings(Section):
    """An OpenID provider at ``issuer``, the address exactly as its tokens name it.

    ``login``: people may sign in there, as the client ``client_id``. ``audiences``: tokens of this issuer naming one
    of them are taken as bearer tokens, for ``bearer_scopes`` at most. ``hosts``: hosts beside the issuer's own that its
    endpoints may be at. ``create``: an unknown person gets an account of the name ``name_claim``. ``groups_claim``: a
    list of groups that this issuer keeps.
    """

    issuer: str
    client_id: str
    title: str = ""
    login: bool = True
    audiences: tuple[str, ...] = ()
    bearer_scopes: tuple[Literal["ask", "read", "upload", "manage", "evaluate"], ...] = ("ask", "read")
    hosts: tuple[str, ...] = ()
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "ES384", "EdDSA"], ...] = ("RS256", "ES256")
    scopes: tuple[str, ...] = ("openid", "profile")
    create: bool = False
    name_claim: str = "preferred_username"
    groups_claim: str | None = None

    @model_validator(mode="after")
    def _is_safe(self) -> "IssuerSettings":
        local = re.match(r"http://(127\.0\.0\.1|\[::1\]|localhost)[:/]", self.issuer + "/")
        if not self.issuer.startswith("https://") and not local:
            raise ValueError("issuer needs https://")
        if "openid" not in self.scopes or not self.algorithms:
            raise ValueError("scopes need openid, algorithms at least one")
        if self.client_id in self.audiences:
            raise ValueError("audiences without client_id: an ID token is no bearer token")
        return self


class IdentitySettings(Section):
    """How people and programs prove who they are.

    ``public_url``: the address of this service as people type it; it makes cookies secure, and issuers send people back
    to it. ``session_idle_h`` and ``session_days``: how long a session lasts unused, and at most.
    ``password_memory_mib`` is taken by each of ``password_hashes`` checks at a time. ``act_as``: accounts with the role
    ``delegate`` may act as others.
    """

    public_url: str | None = None
    passwords: bool = True
    password_memory_mib: int = Field(64, ge=19, le=1024)
    password_hashes: int = Field(2, ge=1, le=64)
    session_idle_h: float = Field(12, gt=0)
    session_days: float = Field(7, gt=0)
    act_as: bool = False
    issuers: dict[str, IssuerSettings] = Field({})
    client_secrets: dict[str, SecretStr] = Field({})

    @model_validator(mode="after")
    def _fits_together(self) -> "IdentitySettings":
        if self.public_url is not None and not re.fullmatch(r"https?://[^/?#\s]+", self.public_url):
            raise ValueError("public_url is a scheme and a host, without a path")
        if any(not re.fullmatch(r"[a-z0-9-]{1,32}", name) for name in self.issuers):
            raise ValueError("issuers are named with small letters, digits and hyphens")
        if len({one.issuer for one in self.issuers.values()}) < len(self.issuers):
            raise ValueError("two issuers with one address")
        if unknown := self.client_secrets.keys() - self.issuers.keys():
            raise ValueError(f"client_secrets.{min(unknown)} names no entry of identity.issuers")
        if self.public_url is None and any(one.login for one in self.issuers.values()):
            raise ValueError("signing in at an issuer needs identity.public_url")
        return self


class BudgetSettings(Section):
    """What one user, and one token, may take: answers at a time, questions and model tokens a day (UTC)."""

    answers: int = Field(3, ge=1)
    user_requests: int | None = Field(None, ge=1)
    user_tokens: int | None = Field(None, ge=1)
    token_requests: int | None = Field(None, ge=1)
    token_tokens: int | None = Field(None, ge=1)


class LevelSettings(Section):
    """One level of classification (密级); ``key`` is what sidecars and connectors call it."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=32)
    zh: str = Field(min_length=1, max_length=32)
    en: str = Field(min_length=1, max_length=32)


class AccessSettings(Section):
    """What policies are made of. ``levels``: those of classification, numbered from 0; without any, the usual four.

    Documents and people keep the number, so that levels are added at the end or renamed, not put in between.
    """

    levels: tuple[LevelSettings, ...] = Field((), max_length=16)

    @property
    def lattice(self) -> tuple[LevelSettings, ...]:
        """The levels, from the one that everybody reads to the one that fewest do."""
        return self.levels or _USUAL_LEVELS


_USUAL_LEVELS: Final = (
    LevelSettings(key="public", zh="公开", en="Public"),
    LevelSettings(key="internal", zh="内部", en="Internal"),
    LevelSettings(key="secret", zh="秘密", en="Secret"),
    LevelSettings(key="confidential", zh="机密", en="Confidential"),
)
