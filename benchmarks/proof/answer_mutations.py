"""Faults put into what shows answers, stored and running ones, and what keeps documents out of them."""

from typing import Final

from benchmarks.proof.mutations import Mutation

_TALKS: Final = ("tests/contract/access/test_conversations.py",)
_TOLD: Final = ("tests/security/storage/test_told.py",)
_OWNER: Final = ("tests/api/guard/test_quarantine.py::test_an_owner_does_not_release_what_others_keep_out",)
_PREVIEWED: Final = (
    "tests/api/access/test_review.py::test_who_owns_a_document_and_no_more_is_told_by_a_preview_neither_who_nor_how_many",
)
_MODELS: Final = "tests/integration/answering/test_model_conflicts.py"
_WRITTEN: Final = (
    f"{_MODELS}::test_what_replaced_an_edition_is_behind_a_text_that_names_it_though_no_model_was_shown_it",
)
_MODELS_OF: Final = ("tests/api/asking/test_models.py::test_no_question_goes_to_a_model_that_its_asker_may_not_use",)
_GUARDED: Final = ("tests/unit/generation/guard/test_answers.py",)
_READING = "wenyuan/db/conversations/reading.py"
_WATCHING = "wenyuan/db/conversations/watching.py"
_DATED = ("tests/api/asking/test_conflicts.py",)
_TOKENS = ("tests/api/identity/test_tokens.py",)
_RESTORED = ("tests/integration/backup/test_backups_rights.py",)
_HELD = "api/routers/guard/quarantine.py"

ANSWER_MUTATIONS: Final = (
    Mutation(
        "stored parts whatever they were made of",
        _READING,
        "left_out = part.erased or (hidden & made_of)",
        "left_out = part.erased",
        _TALKS,
    ),
    Mutation(
        "stored parts without what all were made of",
        _READING,
        "made_of = {(part.turn_id, part.ordinal), (part.turn_id, WHOLE)}",
        "made_of = {(part.turn_id, part.ordinal)}",
        _TALKS,
    ),
    Mutation(
        "stored answers without policy",
        _READING,
        "    t.documents.c.deleted.is_(False),\n    may_read(t.documents.c.policy_id),\n",
        "",
        _TALKS,
    ),
    Mutation("stored answers without parts", _READING, "    may_read_chunk(),\n", "", _TALKS),
    Mutation("stored answers out of quarantine", _READING, "    in_use(t.documents.c.id),\n", "", _TALKS),
    Mutation(
        "stored citations without policy",
        _READING,
        ".where(_OF_TURNS, _READABLE)",
        ".where(_OF_TURNS)",
        _TALKS,
    ),
    Mutation(
        "spans of citations that are not shown",
        "wenyuan/db/conversations/verdicts.py",
        'if span["marker"] in shown',
        "if span",
        _TALKS,
    ),
    Mutation(
        "conversations are everybody's",
        _READING,
        "sa.or_(t.conversations.c.user_id == VIEWER, SHARED)",
        "sa.or_(t.conversations.c.user_id != '', SHARED)",
        _TALKS,
    ),
    Mutation(
        "shared with one group is shared with all",
        "wenyuan/db/conversations/listing.py",
        "    SUBJECTS.c.id == t.conversation_shares.c.subject_id,\n",
        "",
        _TALKS,
    ),
    Mutation(
        "others are told what an answer counted",
        _READING,
        "whole = mine and all(",
        "whole = all(",
        _TALKS,
    ),
    Mutation(
        "questions of others are taken up",
        "wenyuan/db/conversations/store.py",
        "t.conversations.c.user_id == user_id\n    )\n    if tx.scalar(owned) is None",
        "sa.true()\n    )\n    if tx.scalar(owned) is None",
        _TALKS,
    ),
    Mutation("running answers without parts", _WATCHING, "        may_read_chunk(),\n", "", _TALKS),
    Mutation("running answers out of quarantine", _WATCHING, "        in_use(t.documents.c.id),\n", "", _TALKS),
    Mutation(
        "what is named is not what a quote is made of",
        "generation/answering/sides.py",
        "return [] if newer is None else [newer.chunk_id]",
        "return []",
        _TOLD,
    ),
    Mutation(
        "what is named is not what a model's words are made of",
        "generation/answering/writing.py",
        "named=[] if own is None else self._sides.named(own.carried),",
        "named=[],",
        _WRITTEN,
    ),
    Mutation(
        "personal data by the level of citations alone",
        "api/answering/showing.py",
        "    ids += [chunk_id for turn in seen.turns for made_of in turn.made_of for chunk_id in made_of]\n",
        "",
        _TOLD,
    ),
    Mutation(
        "a text without the citation that it needs",
        "generation/guard/answers.py",
        "[*dict.fromkeys(held), *self._waiting], []",
        "self._waiting, []",
        _GUARDED,
    ),
    Mutation(
        "questions go to models of others",
        "api/asking.py",
        "services.settings.generation.writer in await usable_models(services, scope.user_id)",
        "services.settings.generation.writer is not None",
        _MODELS_OF,
    ),
    Mutation(
        "owners take over what others keep out",
        "wenyuan/db/guard/quarantine.py",
        "if not await release(tx, document_id, only_of):",
        "if not await release(tx, document_id):",
        _OWNER,
    ),
    Mutation(
        "owners release what others keep out",
        _HELD,
        "return None if decides else caller.user_id",
        "return None if decides else None",
        _OWNER,
    ),
    Mutation(
        "owners ask of anybody by a preview",
        "api/routers/access/preview.py",
        "told = manages is None or document.space_id in manages",
        "told = manages is None or bool(document.space_id)",
        _PREVIEWED,
    ),
    Mutation("dates of what is read in part", _READING, "if partly & made_of:", "if False:", _DATED),
    Mutation(
        "a token outlives its maker",
        "api/auth/identity.py",
        "if left == math.inf or (days is not None and days <= left):",
        "if days is None or days:",
        _TOKENS,
    ),
    Mutation(
        "tokens of others are made without the scope for accounts",
        "api/routers/admin.py",
        "if caller.actor is not None or user.id != caller.principal.user_id:",
        "if caller.actor is not None:",
        _TOKENS,
    ),
    Mutation(
        "who acts as another makes tokens",
        "api/routers/admin.py",
        "if caller.actor is not None or user.id != caller.principal.user_id:",
        "if user.id != caller.principal.user_id:",
        _TOKENS,
    ),
    Mutation(
        "streams of jobs go on without their token",
        "api/routers/jobs.py",
        " or (trail.token and trail.token not in standing.tokens)",
        "",
        _TOKENS,
    ),
    Mutation(
        "streams of jobs go on without the role",
        "api/routers/jobs.py",
        "caller.roles & account.roles",
        "caller.roles",
        _TOKENS,
    ),
    Mutation(
        "policies of before a revocation come back",
        "wenyuan/db/backup/rights.py",
        "        _close_restored(restored, policies)\n",
        "",
        _RESTORED,
    ),
)
