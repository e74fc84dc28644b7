"""Readers with a policy each, and documents published for them."""

from collections.abc import Sequence

from wenyuan.access import AccessPolicy, AccessScope, Principal, Subject, SubjectKind, resolve_scope
from wenyuan.db import documents as docs
from wenyuan.db.access.directory import create_user
from wenyuan.db.access.policies import create_policy
from wenyuan.db.access.spaces import create_space
from wenyuan.db.access.visibility import Directory
from wenyuan.db.contents import write_chunks
from wenyuan.db.engine import Connection, Database
from wenyuan.documents import Chunk, SourceFile
from wenyuan.ids import chunk_id


class Readers:
    """Users by name with a policy that lets nobody else read, and a space that nobody reads of itself."""

    def __init__(self, database: Database, *names: str) -> None:
        self.database = database
        self.names = names
        self.users: dict[str, str] = {}
        self.policies: dict[str, int] = {}
        self.space = ""

    async def begin(self) -> None:
        async with self.database.write() as tx:
            for name in self.names:
                self.users[name] = (await create_user(tx, name, name, frozenset(), 1)).id
                self.policies[name] = await create_policy(tx, self.only(name))
            self.space = (await create_space(tx, "company", "company", AccessPolicy())).id

    def only(self, name: str) -> AccessPolicy:
        return AccessPolicy(allow=(Subject(SubjectKind.USER, self.users[name]),))

    async def scope(self, name: str = "li") -> AccessScope:
        return await resolve_scope(Directory(self.database), Principal(self.users[name], name))

    async def publish(
        self,
        tx: Connection,
        document: str,
        version: str,
        chunks: Sequence[Chunk] = (),
        *,
        reader: str = "li",
        sha256: str = "a",
    ) -> list[str]:
        """Publish a version of a document, made if it is new, under the policy of ``reader``; returns its chunks."""
        if await docs.get_document(tx, document) is None:
            owner, policy = self.users[self.names[-1]], self.policies[reader]
            await docs.create_document(
                tx, document, space_id=self.space, title=document, owner_id=owner, policy_id=policy
            )
        await docs.want_version(tx, document, version, SourceFile("p", "f.md", sha256, 1, "text/markdown"))
        await write_chunks(tx, version, chunks)
        found = await docs.get_version(tx, version)
        assert found is not None
        await docs.publish_version(tx, found)
        return [chunk_id(version, chunk.ordinal, chunk.text) for chunk in chunks]
