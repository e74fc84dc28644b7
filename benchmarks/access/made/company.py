"""A company of a given size: people, groups in groups, departments, policies that inherit, and documents."""

import random
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from wenyuan.access import Effect, SubjectKind
from wenyuan.db import tables as t
from wenyuan.db.access.policies import bump_epoch
from wenyuan.db.access.tokens import digest
from wenyuan.db.engine import Connection, Database

FOLDERS: Final = 200
NEAR, FAR = "usr_near", "usr_far"


@dataclass(frozen=True, slots=True)
class Size:
    """How many there are of each. The near reader is in 20 groups, the far one in all of them."""

    users: int = 10_000
    groups: int = 5_000
    policies: int = 20_000
    documents: int = 100_000


async def found(database: Database, size: Size, seed: int = 1) -> dict[str, str]:
    """Write the company into an empty database; returns a token by reader."""
    draw = random.Random(seed)
    now = time.time()
    users = [NEAR, FAR, *(f"usr_{number}" for number in range(size.users - 2))]
    groups = [f"grp_{number}" for number in range(size.groups)]
    departments = [f"dep_{number}" for number in range(500)]
    tokens = {name: secrets.token_urlsafe(32) for name in (NEAR, FAR)}
    async with database.write() as tx:
        await _put(tx, t.users, [_user(one, now) for one in users])
        await _put(tx, t.groups, [{"id": one, "name": one} for one in groups])
        await _put(tx, t.departments, [_department(number) for number in range(len(departments))])
        await _put(
            tx,
            t.department_members,
            [{"department_id": draw.choice(departments), "user_id": one} for one in users],
        )
        await _put(tx, t.group_members, _members(draw, users, groups))
        await _put(tx, t.policies, [_policy(number, size) for number in range(1, size.policies + 1)])
        await _put(tx, t.policy_ancestors, [row for n in range(1, size.policies + 1) for row in _chain(n, size)])
        await _put(tx, t.policy_entries, _entries(draw, size, groups, departments, now))
        await _put(
            tx,
            t.policy_compartments,
            [{"policy_id": n, "compartment": "atlas"} for n in range(50, size.policies, 50)],
        )
        await _put(tx, t.spaces, [{"id": "spc_1", "name": "s", "title": "s", "policy_id": 1}])
        await _put(tx, t.documents, [_document(draw, number, size, now) for number in range(size.documents)])
        await _put(
            tx,
            t.tokens,
            [
                {
                    "id": f"tok_{name}",
                    "user_id": name,
                    "name": "",
                    "secret_sha256": digest(secret),
                    "created_at": now,
                }
                for name, secret in tokens.items()
            ],
        )
        await bump_epoch(tx)
    return tokens


def _user(user_id: str, now: float) -> dict[str, Any]:
    return {
        "id": user_id,
        "name": user_id,
        "display_name": "",
        "roles": [],
        "clearance": 2,
        "active": True,
        "created_at": now,
    }


def _department(number: int) -> dict[str, Any]:
    parent = f"dep_{(number - 1) // 4}" if number else None
    return {"id": f"dep_{number}", "name": f"dep_{number}", "title": "", "parent_id": parent}


def _members(draw: random.Random, users: list[str], groups: list[str]) -> list[dict[str, Any]]:
    """Everybody in about 20 groups; every tenth group in the one before; the far reader in all of them."""
    pairs = {(group, SubjectKind.USER, FAR) for group in groups}
    pairs |= {(group, SubjectKind.USER, NEAR) for group in groups[1:20]}
    pairs |= {(group, SubjectKind.USER, user) for user in users[2:] for group in draw.sample(groups, 18)}
    pairs |= {(groups[n - 1], SubjectKind.GROUP, groups[n]) for n in range(10, len(groups), 10)}
    return [{"group_id": group, "member_kind": kind, "member_id": one} for group, kind, one in sorted(pairs)]


def _above(number: int, size: Size) -> int | None:
    """The space has policy 1, folders the next ones; of the documents' own every other one inherits from a folder."""
    if number == 1 or (number > FOLDERS and number % 2):
        return None
    return 1 if number <= FOLDERS else 2 + number % (min(FOLDERS, size.policies) - 1)


def _policy(number: int, size: Size) -> dict[str, Any]:
    above = _above(number, size)
    return {
        "id": number,
        "classification": number % 4 if number > FOLDERS else 0,
        "parent_id": above,
        "inherits": above is not None,
        "staff_only": number % 7 == 0,
    }


def _chain(number: int, size: Size) -> list[dict[str, int]]:
    rows, step = [], number
    while step is not None:
        rows.append({"policy_id": number, "ancestor_id": step})
        step = _above(step, size)  # type: ignore[assignment]
    return rows


def _entries(
    draw: random.Random, size: Size, groups: list[str], departments: list[str], now: float
) -> list[dict[str, Any]]:
    """Three groups may read under each policy, a tenth deny one, some do so for a time, folders name a department."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}

    def put(policy_id: int, effect: Effect, kind: SubjectKind, subject: str, end: float | None = None) -> None:
        key = {"policy_id": policy_id, "effect": effect, "subject_kind": kind, "subject_id": subject}
        kept[tuple(key.values())] = key | {"not_before": None, "not_after": end}

    for number in range(2, size.policies + 1):
        if number <= FOLDERS:
            put(number, Effect.ALLOW, SubjectKind.DEPARTMENT, draw.choice(departments))
            continue
        for group in draw.sample(groups, 3):
            end = now + draw.uniform(86_400, 8_640_000) if draw.random() < 0.05 else None
            put(number, Effect.ALLOW, SubjectKind.GROUP, group, end)
        if draw.random() < 0.1:
            put(number, Effect.DENY, SubjectKind.USER, f"usr_{draw.randrange(size.users - 2)}")
    return list(kept.values())


def _document(draw: random.Random, number: int, size: Size, now: float) -> dict[str, Any]:
    return {
        "id": f"doc_{number}",
        "space_id": "spc_1",
        "title": f"{number}",
        "owner_id": NEAR,
        "policy_id": draw.randint(1, size.policies),
        "deleted": False,
        "created_at": now + number,
    }


async def _put(tx: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), 5_000):
        await tx.execute(sa.insert(table), rows[start : start + 5_000])
