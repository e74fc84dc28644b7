"""The tables that the evaluation of policies reads, so that one statement serves them as they are and as proposed."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from wenyuan.db import tables as t


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands in the place of each table. ``mark`` ends the names of what a statement builds on this ground."""

    users: sa.FromClause = t.users
    user_roles: sa.FromClause = t.user_roles
    user_compartments: sa.FromClause = t.user_compartments
    group_members: sa.FromClause = t.group_members
    departments: sa.FromClause = t.departments
    department_members: sa.FromClause = t.department_members
    policies: sa.FromClause = t.policies
    policy_entries: sa.FromClause = t.policy_entries
    policy_compartments: sa.FromClause = t.policy_compartments
    policy_ancestors: sa.FromClause = t.policy_ancestors
    mark: str = ""


#: The tables as they are.
STORED: Final = Ground()
