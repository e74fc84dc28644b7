"""Bodies of sessions, passwords, personal tokens and identities at issuers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from api.schemas.common import Body
from wenyuan.db.access.tokens import TokenScope
from wenyuan.db.identity.sessions import SessionInfo
from wenyuan.text import one_line

#: Far beyond what the policy takes, so that it can say why it does not.
Password = Annotated[str, Field(min_length=1, max_length=1024)]
Line = Annotated[str, Field(max_length=128), AfterValidator(one_line)]
Scopes = Annotated[list[TokenScope], Field(min_length=1, max_length=len(TokenScope))]
MOST_DAYS = 365


class IssuerBody(BaseModel):
    """A provider that people may sign in at, at ``/v1/session/issuers/{name}``."""

    name: str
    title: str


class WaysBody(BaseModel):
    """How people may sign in here."""

    passwords: bool
    issuers: list[IssuerBody]


class SignInBody(Body):
    """A name and its password."""

    name: Annotated[str, Field(min_length=1, max_length=128)]
    password: Password


class SignedInBody(BaseModel):
    """A session. ``csrf`` goes into the header X-CSRF-Token of every request that changes something."""

    id: str
    csrf: str
    must_change_password: bool


class PasswordChangeBody(Body):
    """One's own password: the present one and the next."""

    old: Password
    new: Password


class SessionBody(BaseModel):
    """A session as listed; ``current``: the one that asks."""

    id: str
    method: str
    agent: str
    address: str
    created_at: float
    seen_at: float
    expires_at: float
    current: bool

    @classmethod
    def of(cls, session: SessionInfo, current: str) -> "SessionBody":
        """Return the body of a session."""
        return cls(
            id=session.id,
            method=session.method,
            agent=session.agent,
            address=session.address,
            created_at=session.created_at,
            seen_at=session.seen_at,
            expires_at=session.expires_at,
            current=session.id == current,
        )


class SessionListBody(BaseModel):
    """Sessions, the last seen first."""

    items: list[SessionBody]


class NewOwnTokenBody(Body):
    """A token for oneself; it never carries more than what made it."""

    name: Line = ""
    scopes: Scopes = Field(default_factory=lambda: [TokenScope.ASK, TokenScope.READ])
    expires_in_days: float = Field(90, gt=0, le=MOST_DAYS)


class OwnTokenBody(BaseModel):
    """A token as listed: never its secret. ``scopes`` is null for one without limits."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    prefix: str
    scopes: list[TokenScope] | None
    created_at: float
    expires_at: float | None
    last_used_at: float | None

    @field_validator("scopes", mode="before")
    @classmethod
    def _in_order(cls, scopes: frozenset[TokenScope] | None) -> list[TokenScope] | None:
        return None if scopes is None else sorted(scopes)


class OwnTokenListBody(BaseModel):
    """Tokens, newest first."""

    items: list[OwnTokenBody]


class GivenPasswordBody(Body):
    """What to do to the password of an account: set ``password``, or only ask for another one at the next sign-in."""

    password: Password | None = None
    must_change: bool = True


class IdentityBody(Body):
    """An identity at an issuer: its subject there, as the issuer's tokens name it."""

    subject: Annotated[str, Field(min_length=1, max_length=255)]


class KnownIdentityBody(BaseModel):
    """An identity of an account."""

    issuer: str
    subject: str


class SignInStateBody(BaseModel):
    """How an account may sign in; ``spent``: requests and model tokens of today."""

    kind: Literal["person", "service"]
    identities: list[KnownIdentityBody]
    sessions: list[SessionBody]
    requests_today: int
    tokens_today: int
