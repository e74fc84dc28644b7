"""Bearer tokens."""

from wenyuan.access import Principal
from wenyuan.db.access.tokens import token_owner
from wenyuan.db.engine import Database
from wenyuan.errors import Unauthenticated


async def authenticate(database: Database, authorization: str | None) -> Principal:
    """Return whom the ``Authorization`` header stands for; raises ``Unauthenticated``, the same for every reason."""
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated
    async with database.read() as tx:
        owner = await token_owner(tx, secret.strip())
    if owner is None:
        raise Unauthenticated
    return Principal(owner.user_id, owner.name, owner.roles, owner.token_id)
