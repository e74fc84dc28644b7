"""Ids of points: each slot of a chunk has its own, and each leads back to its chunk."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenyuan.ids import SLOTS, chunk_id, chunk_of, point_id


@given(st.text(max_size=8), st.integers(0, 1000), st.text(max_size=20))
def test_every_slot_has_an_id_that_leads_back(version: str, ordinal: int, text: str) -> None:
    chunk = chunk_id(version, ordinal, text)
    points = [point_id(chunk, slot) for slot in range(SLOTS)]
    assert points[0] == chunk
    assert len(set(points)) == SLOTS
    assert {chunk_of(point) for point in points} == {chunk}
    assert all(str(uuid.UUID(point)) == point for point in points)


def test_other_ids_and_slots_are_refused() -> None:
    with pytest.raises(ValueError, match="version 5"):
        point_id(str(uuid.UUID(int=1, version=4)), 1)
    with pytest.raises(ValueError, match="version 5"):
        point_id(str(uuid.UUID(int=1, version=4)), 0)
    for slot in (-1, SLOTS):
        with pytest.raises(ValueError, match="slots"):
            point_id(chunk_id("v", 0, "t"), slot)
