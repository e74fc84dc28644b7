"""Plans of syncs."""

from hypothesis import given
from hypothesis import strategies as st

from wenyuan.people.entries import Department, DirectoryState, Person, PersonGroup, Present
from wenyuan.people.reconcile import Known, department_names, reconcile

LI, HAN = Person("1", "li", "李雷"), Person("2", "han", "韩梅梅")


def known(*people: Person, groups: tuple[PersonGroup, ...] = (), taken: dict[str, str | None] | None = None) -> Known:
    return Known(
        {one.external_id: (f"usr_{one.external_id}", one) for one in people},
        {one.external_id: (f"grp_{one.external_id}", one) for one in groups},
        {},
        taken or {},
        set(),
        set(),
    )


def test_who_is_disabled_loses_access_even_when_the_new_name_is_taken() -> None:
    told = Person("1", "boss", "李雷", active=False)
    plan = reconcile(known(LI, taken={"boss": None}), DirectoryState((told,), (), ()))
    [(user_id, _, new)] = plan.people_changed
    assert (user_id, new.name, new.active) == ("usr_1", "li", False)
    assert plan.disabled == 1


def test_a_member_that_the_directory_does_not_provide_is_dropped() -> None:
    group = PersonGroup("g", "finance", frozenset({"1", "usr_admin", "9"}), frozenset({"g", "grp_x"}))
    plan = reconcile(known(), DirectoryState((LI,), (group,), ()))
    assert plan.groups_new == [PersonGroup("g", "finance", frozenset({"1"}))]


def test_a_namesake_replaces_who_is_gone() -> None:
    again = Person("3", "li", "another")
    plan = reconcile(known(LI, HAN), DirectoryState((HAN, again), (), ()))
    assert (plan.people_new, plan.people_replaced, plan.disabled) == ([again], ["usr_1"], 1)


def test_changes_alone_leave_others_as_they_are() -> None:
    present = Present(frozenset({"1", "2"}), frozenset(), frozenset())
    plan = reconcile(known(LI, HAN), DirectoryState((Person("1", "li", "新"),), (), (), present=present))
    assert [one for one, _, _ in plan.people_changed] == ["usr_1"]
    assert plan.people_gone == []


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.sampled_from("甲乙丙")), max_size=20))
def test_departments_have_names_of_their_own_even_in_cycles(edges: list[tuple[int, int, str]]) -> None:
    tree = {str(key): Department(str(key), title, str(above)) for key, above, title in edges}
    names = department_names(tree, {"甲"})
    assert set(names) == set(tree)
    assert len({name.lower() for name in names.values()} | {"甲"}) == len(tree) + 1
    assert all(0 < len(name) <= 128 for name in names.values())
