"""What a list request asks for."""

from typing import Annotated, Any

from fastapi import Query

from api.scim.answers import DEFAULT_PAGE, MAX_PAGE
from api.scim.attributes import split_path
from api.scim.errors import ScimPath
from api.scim.filters import Filter, parse_filter
from api.scim.matching import sort_key

AttributePath = tuple[str, ...]


class Page:
    """Filter, order and part of a list; numbers out of range are moved into range (RFC 7644 §3.4.2.4)."""

    def __init__(
        self,
        wanted: Annotated[str | None, Query(alias="filter", max_length=65_536)] = None,
        sort_by: Annotated[str | None, Query(alias="sortBy", max_length=256)] = None,
        sort_order: Annotated[str, Query(alias="sortOrder", max_length=16)] = "ascending",
        start_index: Annotated[int, Query(alias="startIndex")] = 1,
        count: int = DEFAULT_PAGE,
    ) -> None:
        self.start = max(1, min(start_index, 2**31))
        self.count = max(0, min(count, MAX_PAGE))
        self._descending = sort_order.lower() == "descending"
        self._wanted = wanted
        self._sort_by = sort_by

    def read(self, schema: str) -> tuple[Filter | None, AttributePath | None]:
        """Return filter and sort path; raises ``ScimFilter`` and ``ScimPath``."""
        wanted = None if self._wanted is None else parse_filter(schema, self._wanted)
        if self._sort_by is None:
            return wanted, None
        path = split_path(schema, self._sort_by)
        if not path:
            raise ScimPath(reason=self._sort_by[:80])
        return wanted, path

    def cut(self, schema: str, found: list[dict[str, Any]], path: AttributePath | None) -> list[dict[str, Any]]:
        """Return the page of all that was found, sorted."""
        if path is not None:
            found = sorted(found, key=lambda one: sort_key(schema, one, path))
            found = found[::-1] if self._descending else found
        return found[self.start - 1 : self.start - 1 + self.count]
