"""Faults put into the authorisation code one at a time, each with the tests that have to notice it."""

from dataclasses import dataclass
from typing import Final

_GRAPHS = "tests/unit/access/test_graphs.py"
#: Without the search for a smallest example, which would take longer than the finding.
GRAPHS: Final = (f"{_GRAPHS}::test_decisions_are_the_oracles_for_given_seeds",)
PLACING: Final = ("tests/unit/access/test_placing.py",)
EPOCH: Final = ("tests/unit/access/test_epoch.py",)
READS: Final = ("tests/contract/access/test_reads.py",)
#: Who asks and what they may read, read in one go.
BROUGHT: Final = tuple(
    f"{READS[0]}::test_a_caller_brings_{case}"
    for case in (
        "what_they_may_read_only_while_nothing_has_changed",
        "their_own_set_and_never_one_that_is_kept_of_somebody_else",
        "nothing_when_a_window_has_opened_or_closed",
    )
)
FOLDERS: Final = ("tests/contract/access/test_folders.py",)
INDEX: Final = ("tests/security/test_index_canaries.py",)
PIPELINE: Final = ("tests/security/proof/test_pipeline.py",)
KEPT: Final = ("tests/security/proof/test_scopes.py",)
ROUTES: Final = ("tests/security/routes",)
OBJECTS: Final = ("tests/security/routes/test_matrix.py::test_roles_and_objects_decide",)
TOKENS: Final = ("tests/api/identity/test_tokens.py",)
ACTING: Final = (f"{TOKENS[0]}::test_who_acts_for_another_reads_what_the_other_may_and_nothing_of_their_own",)
SESSIONS: Final = ("tests/api/identity/test_sessions.py",)
SCIM: Final = ("tests/api/scim/test_session.py",)
TEXTS: Final = ("tests/contract/texts",)
QUARANTINE: Final = ("tests/contract/access/test_quarantine.py",)
TRAIL: Final = ("tests/api/audit/test_recorded.py", "tests/unit/audit")

_ACCESS = "wenyuan/access.py"
_READABLE = "wenyuan/db/access/readable.py"
_KEPT_SETS = "wenyuan/db/access/visibility.py"
_POLICIES = "wenyuan/db/access/policies.py"
_EVIDENCE = "wenyuan/db/evidence.py"
_DOCUMENTS = "wenyuan/db/documents.py"
_QUARANTINE = "wenyuan/db/guard/quarantine.py"
_FILTERS = "retrieval/index/filters.py"
_TOKEN = "wenyuan/db/access/tokens.py"  # a path
_IDENTITY = "api/auth/identity.py"
_ACCOUNTS = "wenyuan/db/identity/accounts.py"
_PROVISIONED = "wenyuan/db/access/provisioning/accounts.py"
_ROUTERS = "api/routers"


@dataclass(frozen=True, slots=True)
class Mutation:
    """``old`` stands once in ``file`` and becomes ``new``; one of ``tests`` must fail then.

    ``routes``: a pattern of the operations that the matrix of routes needs to ask for.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    routes: str = ""


MUTATIONS: Final = (
    # What a policy means.
    Mutation("deny ignored", _READABLE, ".having(sa.func.max(refused) == 0)", ".having(sa.true())", GRAPHS),
    Mutation("deny of a parent ignored", _READABLE, "else_=1)\n    named", "else_=0)\n    named", GRAPHS),
    Mutation("clearance not compared", _READABLE, "policy.c.classification <= clearance,", "", GRAPHS),
    Mutation(
        "clearance one too high", _READABLE, "classification <= clearance", "classification <= clearance + 1", GRAPHS
    ),
    Mutation("clearance below only", _READABLE, "classification <= clearance", "classification < clearance", GRAPHS),
    Mutation("compartments not asked", _READABLE, "~lacking.correlate(policy),", "", GRAPHS),
    Mutation(
        "staff only ignored",
        _READABLE,
        "staff_only.is_(False), employment ==",
        "staff_only.is_(False), employment !=",
        GRAPHS,
    ),
    Mutation("time of a policy ignored", _READABLE, "_within(policy.c.not_before, policy.c.not_after),", "", GRAPHS),
    Mutation(
        "time of an entry ignored", _READABLE, ".where(_within(entry.c.not_before, entry.c.not_after))", "", GRAPHS
    ),
    Mutation("a window holds at its end", _READABLE, "end > now)", "end >= now)", GRAPHS),
    Mutation("a window starts late", _READABLE, "start <= now)", "start < now)", GRAPHS),
    Mutation("accounts that are not active read", _READABLE, "user.c.active.is_(True),", "", GRAPHS),
    Mutation("who left reads", _READABLE, "Employment.EXTERNAL.value]", 'Employment.EXTERNAL.value, "left"]', GRAPHS),
    Mutation(
        "time of an account ignored", _READABLE, "_within(user.c.valid_from, user.c.valid_until, now),", "", GRAPHS
    ),
    Mutation(
        "groups in groups skipped",
        _READABLE,
        "member.c.member_kind == SubjectKind.GROUP.value, member.c.member_id == mine.c.id",
        "sa.false()",
        GRAPHS,
    ),
    Mutation(
        "a group for a user of that id",
        _READABLE,
        "member.c.member_kind == SubjectKind.GROUP.value, member",
        "member",
        KEPT,
    ),
    Mutation(
        "departments above skipped",
        _READABLE,
        "upper.c.id == department.c.parent_id",
        "upper.c.id == department.c.id",
        GRAPHS,
    ),
    Mutation(
        "departments below instead",
        _READABLE,
        "upper.c.id == department.c.parent_id",
        "upper.c.parent_id == department.c.id",
        GRAPHS,
    ),
    Mutation("roles of everybody", _READABLE, ".where(role.c.user_id == _READER)", "", GRAPHS),
    Mutation(
        "a missing parent passes",
        _READABLE,
        "sa.or_(policy.c.inherits.is_(False), stands.correlate(policy, chain)),",
        "",
        GRAPHS,
    ),
    Mutation(
        "conditions of the chain skipped",
        _READABLE,
        "on.policies.c.id == chain.c.ancestor_id,",
        "on.policies.c.id == read.c.id, chain.c.ancestor_id == read.c.id,",
        GRAPHS,
    ),
    Mutation("an unknown condition passes", _READABLE, ".is_not(sa.true())", ".is_(sa.false())", KEPT),
    Mutation(
        "those below do not follow a policy", _POLICIES, ".where(policy.c.inherits))", ".where(sa.false()))", PLACING
    ),
    Mutation(
        "an override inherits on",
        _POLICIES,
        ".where(policy.c.inherits, chains.c.length <= MAX_CHAIN)",
        ".where(chains.c.length <= MAX_CHAIN)",
        GRAPHS,
    ),
    Mutation(
        "old entries stay",
        _POLICIES,
        "for table in (t.policy_entries, t.policy_compartments):",
        "for table in (t.policy_compartments,):",
        PLACING,
    ),
    # What was worked out before, and when it counts.
    Mutation("an old set is trusted", _READABLE, "(EPOCH == _EPOCH_SEEN, _Marked", "(sa.true(), _Marked", GRAPHS),
    Mutation("a set beyond its time is trusted", _READABLE, "holds = seen.holds(now)", "holds = True", GRAPHS),
    Mutation(
        "a kept set is never asked again",
        _KEPT_SETS,
        " and kept.epoch == read_epoch(tx)",
        "",
        BROUGHT,
    ),
    Mutation("a kept set outlives its window", _KEPT_SETS, "kept.holds(time.time()) and ", "", BROUGHT),
    Mutation("who asks brings an old set", _KEPT_SETS, "kept if _holds(tx, kept) else None", "kept", BROUGHT),
    Mutation(
        "who asks brings another's set",
        _KEPT_SETS,
        "kept = None if owner is None else self._kept.get(owner.user_id)",
        "kept = None if owner is None else next(iter(self._kept.values()), None)",
        BROUGHT,
    ),
    Mutation(
        "who asks replaces another's set",
        _KEPT_SETS,
        "self._keep(owner.user_id, seen)",
        "self._keep(next(iter(self._kept)), seen)",
        BROUGHT,
    ),
    Mutation("another's set is taken as read", _KEPT_SETS, "if user_id != self._user_id:", "if False:", BROUGHT),
    Mutation("who acts for another brings their own set", _IDENTITY, "actor=actor, seen=None)", "actor=actor)", ACTING),
    Mutation("the next user's window is not seen", _READABLE, "coming += [", "_ = [", READS),
    Mutation(
        "a change of members is not counted",
        "wenyuan/db/access/directory.py",
        "    await bump_epoch(tx)\n    await change_members",
        "    await change_members",
        EPOCH,
    ),
    Mutation(
        "a deletion is not counted",
        _DOCUMENTS,
        "wanted_version_id=None)\n    )\n    await bump_epoch(tx)",
        "wanted_version_id=None)\n    )",
        KEPT,
    ),
    Mutation(
        "a change of policy is not counted", _POLICIES, "    await bump_epoch(tx)\n    before =", "    before =", EPOCH
    ),
    Mutation(
        "a provisioned account is not counted",
        _PROVISIONED,
        "    await _belong(tx, user_id, values)\n    await bump_epoch(tx)\n\n\nasync def remove",
        "    await _belong(tx, user_id, values)\n\n\nasync def remove",
        EPOCH,
    ),
    Mutation(
        "scopes of different users look alike",
        _ACCESS,
        'told = f"{user_id}\\0{visibility.epoch}',
        'told = f"{visibility.epoch}',
        KEPT,
    ),
    Mutation("scopes of different epochs look alike", _ACCESS, "\\0{visibility.epoch}\\0", "\\0", KEPT),
    Mutation("scopes of different policies look alike", _ACCESS, "\\0{visibility.digest}", "", KEPT),
    Mutation("narrowing widens", _ACCESS, "kept &= scope.documents", "kept |= scope.documents", KEPT),
    Mutation("a disabled account gets a scope", _ACCESS, "if not seen.active:", "if False:", KEPT),
    Mutation(
        "over the limit is let through", _ACCESS, "if len(seen.policy_ids) > MAX_VISIBLE_POLICIES:", "if False:", KEPT
    ),
    # The index, and what is read.
    Mutation(
        "filter without policy",
        _FILTERS,
        "conditions = [engine.FieldCondition(key=POLICY, match=match)]",
        "conditions: list[Any] = []",
        INDEX,
    ),
    Mutation(
        "points by id without the scope",
        _FILTERS,
        "must=[among, *scope_filter(engine, scope).must]",
        "must=[among]",
        KEPT,
    ),
    Mutation(
        "filter without the documents",
        _FILTERS,
        "conditions.append(engine.FieldCondition(key=DOCUMENT, match=among))",
        "_ = among",
        KEPT,
    ),
    Mutation("an empty scope matches", _FILTERS, "return not scope.policy_ids or (", "return (", KEPT),
    Mutation(
        "evidence without policy",
        _EVIDENCE,
        ".where(t.documents.c.deleted.is_(False), may_read(t.documents.c.policy_id), may_read_chunk())\n)\n#: For",
        ".where(t.documents.c.deleted.is_(False))\n)\n#: For",
        PIPELINE,
    ),
    Mutation(
        "evidence of deleted documents",
        _EVIDENCE,
        ".where(t.documents.c.deleted.is_(False), may_read(t.documents.c.policy_id), may_read_chunk())\n)\n#: For",
        ".where(may_read(t.documents.c.policy_id), may_read_chunk())\n)\n#: For",
        PIPELINE,
    ),
    Mutation(
        "evidence of old versions",
        _EVIDENCE,
        "expanding=True)), t.documents.c.current_version_id == t.chunks.c.version_id\n)\n_ANCHOR",
        "expanding=True))\n)\n_ANCHOR",
        PIPELINE,
    ),
    Mutation(
        "evidence beyond the narrowed scope",
        _EVIDENCE,
        "return scope.documents is None or row.document_id in scope.documents",
        "return True",
        TEXTS,
    ),
    Mutation(
        "lists unfiltered",
        _DOCUMENTS,
        ".where(may_be_shown())",
        ".where(t.documents.c.deleted.is_(False))",
        OBJECTS,
        r"GET /v1/documents",
    ),
    Mutation(
        "conditions look at everything",
        "wenyuan/db/texts/matching.py",
        ".where(may_be_shown())",
        ".where(t.documents.c.deleted.is_(False))",
        KEPT,
    ),
    Mutation(
        "blocks without policy",
        "wenyuan/db/texts/blocks.py",
        "if await tx.scalar(READABLE_VERSION, given) is None:\n        raise NotFound",
        "await tx.scalar(READABLE_VERSION, given)",
        OBJECTS,
        r"/blocks",
    ),
    Mutation(
        "profiles and likenesses without policy",
        "wenyuan/db/texts/profiles.py",
        ".where(may_be_shown(), may_read_whole(t.documents.c.id))",
        ".where(t.documents.c.deleted.is_(False))",
        TEXTS + ROUTES,
    ),
    Mutation(
        "questions without policy",
        "wenyuan/db/texts/questions.py",
        "        may_be_shown(),\n        may_read_chunk(),\n    )\n    .order_by",
        "    )\n    .order_by",
        TEXTS,
    ),
    Mutation(
        "quarantine keeps nobody out",
        _QUARANTINE,
        "may_read(document.policy_id), ~kept_out)",
        "may_read(document.policy_id))",
        QUARANTINE,
    ),
    Mutation(
        "quarantine opens what policies close",
        _QUARANTINE,
        "sa.and_(document.deleted.is_(False), may_read(document.policy_id), ~kept_out)",
        "sa.and_(document.deleted.is_(False), sa.or_(may_read(document.policy_id), _manages()), ~kept_out)",
        QUARANTINE,
    ),
    Mutation(
        "every manager sees what is in quarantine anywhere",
        _QUARANTINE,
        "grant.c.space_id == t.documents.c.space_id, named, role",
        "named, role",
        QUARANTINE,
    ),
    # Who asks.
    Mutation(
        "expired tokens pass",
        _TOKEN,
        "t.tokens.c.expires_at > sa.bindparam",
        "t.tokens.c.expires_at != sa.bindparam",
        ROUTES,
    ),
    Mutation("tokens of accounts that do not count pass", _TOKEN, "        MAY_SIGN_IN,\n", "", ROUTES),
    Mutation(
        "sessions of accounts that do not count pass",
        "wenyuan/db/identity/sessions.py",
        "        MAY_SIGN_IN,\n",
        "",
        SESSIONS,
    ),
    Mutation(
        "ended sessions pass",
        "wenyuan/db/identity/sessions.py",
        "        t.sessions.c.expires_at > sa.bindparam",
        "        t.sessions.c.expires_at != sa.bindparam",
        SESSIONS,
    ),
    Mutation("who does not count signs in", _ACCOUNTS, "in_force(t.users, _NOW)", "sa.true()", ROUTES),
    Mutation("scopes of tokens are not asked", _IDENTITY, "if scope not in identity.scopes:", "if False:", ROUTES),
    Mutation("acting without the role", _IDENTITY, "and Role.DELEGATE in actor.roles ", "", TOKENS),
    Mutation("acting without the scope", _IDENTITY, " and TokenScope.ACT_AS in identity.scopes", "", TOKENS),
    Mutation(
        "acting with the other's roles",
        _IDENTITY,
        "roles = target.roles & actor.roles - {Role.DELEGATE}",
        "roles = target.roles",
        TOKENS,
    ),
    Mutation("acting keeps every scope", _IDENTITY, "scopes=identity.scopes & DELEGABLE", "scopes=ALL_SCOPES", TOKENS),
    Mutation("a directory's refusal is not stored", _PROVISIONED, '"active": values.active,', '"active": True,', SCIM),
    Mutation(
        "one's tokens give more than their maker",
        f"{_ROUTERS}/identity/own.py",
        "if beyond := set(body.scopes) - caller.scopes:",
        "if beyond := set[TokenScope]():",
        TOKENS,
    ),
    Mutation(
        "tokens of others are revoked",
        f"{_ROUTERS}/identity/own.py",
        "revoke_token(tx, token_id, caller.principal.user_id)",
        "revoke_token(tx, token_id)",
        TOKENS,
    ),
    # What they may do.
    Mutation(
        "everybody administers",
        "api/deps.py",
        "if Role.ADMINISTRATOR not in principal.roles:\n        raise ActionForbidden\n    mark",
        "if False:\n        raise ActionForbidden\n    mark",
        OBJECTS,
        r"GET /v1/users$",
    ),
    Mutation(
        "everybody reads the audit log",
        "api/deps.py",
        "if not principal.roles & {Role.AUDITOR, Role.ADMINISTRATOR}:",
        "if False:",
        OBJECTS,
        r"audit",
    ),
    Mutation(
        "everybody evaluates",
        "eval/routes.py",
        "if not principal.roles & {Role.EVALUATOR, Role.ADMINISTRATOR}:",
        "if False:",
        OBJECTS,
        r"evaluations",
    ),
    Mutation(
        "readers manage documents",
        f"{_ROUTERS}/documents.py",
        "return owns or SpaceRole.MANAGER in roles or Role.ADMINISTRATOR in caller.roles",
        "return True",
        OBJECTS,
        r"documents/\{document_id\}/policy",
    ),
    Mutation(
        "contributors manage the documents of others",
        f"{_ROUTERS}/documents.py",
        "document.owner_id == caller.user_id and bool(roles)",
        "bool(roles)",
        OBJECTS,
        r"documents/\{document_id\}/policy",
    ),
    Mutation(
        "anybody uploads",
        f"{_ROUTERS}/documents.py",
        "if space.id not in roles and Role.ADMINISTRATOR not in caller.roles:",
        "if False:",
        OBJECTS,
        r"POST /v1/documents$",
    ),
    Mutation(
        "jobs of others are shown",
        f"{_ROUTERS}/jobs.py",
        "if job is None or (job.owner_id != caller.user_id and Role.ADMINISTRATOR not in caller.roles):",
        "if job is None:",
        OBJECTS,
        r"/v1/jobs/",
    ),
    Mutation(
        "sources of others are shown",
        f"{_ROUTERS}/sources.py",
        "if source is None or (managed is not None and source.space_id not in managed):",
        "if source is None:",
        OBJECTS,
        r"/v1/sources/",
    ),
    Mutation(
        "terms of any space are shown",
        f"{_ROUTERS}/texts/terms.py",
        "if not managed and space.policy_id not in reading.scope.policy_ids:",
        "if False:",
        OBJECTS,
        r"/terms",
    ),
    Mutation(
        "page images without policy",
        f"{_ROUTERS}/documents.py",
        "document = await docs.load_document(reading.scope, tx, document_id)\n        version_id",
        "document = await docs.get_document(tx, document_id)\n        version_id",
        OBJECTS,
        r"/pages/",
    ),
    Mutation(
        "nothing is recorded before it leaves",
        "api/gate.py",
        "            await self._trail.settle()\n        except AuditUnavailable as error:",
        "            pass\n        except AuditUnavailable as error:",
        TRAIL,
    ),
)
