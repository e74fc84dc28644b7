"""The filter grammar and what filters mean."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.scim.attributes import GROUP, USER
from api.scim.errors import ScimError, ScimFilter
from api.scim.filters import MAX_DEPTH, MAX_TERMS, Both, Compare, Either, Negation, parse_filter
from api.scim.matching import lookups, matches

LI: dict[str, Any] = {
    "id": "usr_1",
    "userName": "li.lei@corp.example",
    "externalId": "A1",
    "displayName": "李雷",
    "active": True,
    "emails": [{"value": "li@corp.example", "type": "work"}, {"value": "li@home.example", "type": "home"}],
    "name": {"familyName": "O'Malley"},
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "701984", "department": "财务"},
    "meta": {"created": "2011-05-13T04:42:34Z"},
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('userName eq "LI.LEI@corp.example"', True),
        ('externalId eq "a1"', False),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "li"', True),
        ('name.familyName co "O\'Malley"', True),
        ('userName ew "example"', True),
        ("title pr", False),
        ("displayName pr and active eq true", True),
        ('active eq false or displayName eq "李雷"', True),
        ("not (active eq true)", False),
        ('userName ne "x" and not (externalId eq "A1") or active eq true', True),
        ('userName eq "x" and (externalId eq "A1" or active eq true)', False),
        ('meta.created gt "2011-05-13T04:42:33Z"', True),
        ('meta.created lt "2011-05-13T04:42:33Z"', False),
        ('emails[type eq "work" and value co "corp"]', True),
        ('emails[type eq "home" and value co "corp"]', False),
        ('emails.type eq "home"', True),
        ('emails eq "li@home.example"', True),
        ('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber ge "701984"', True),
        ("title eq null", True),
        ('active eq "true"', False),
        ('USERNAME EQ "li.lei@corp.example" AND Active Eq True', True),
        ('userName eq "\\u006ci.lei@corp.example"', True),
    ],
)
def test_what_filters_mean(text: str, holds: bool) -> None:
    assert matches(USER, LI, parse_filter(USER, text)) is holds


def test_and_binds_before_or_and_not_before_both() -> None:
    a, b, c = (Compare(("title",), "eq", name) for name in "abc")
    assert parse_filter(USER, 'title eq "a" or title eq "b" and title eq "c"') == Either((a, Both((b, c))))
    assert parse_filter(USER, 'not (title eq "a") and title eq "b"') == Both((Negation(a), b))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        "userName eq",
        'userName eq "x',
        'userName like "x"',
        'userName eq "x" and',
        '(userName eq "x"',
        'userName eq "x")',
        'nothing eq "x"',
        'userName.nothing eq "x"',
        'members[value eq "x"]',
        'userName[value eq "x"]',
        'emails[type eq "work"',
        'emails[emails[type eq "x"]]',
        "active gt true",
        "userName co 1",
        "userName eq x",
        'userName eq "x"; DROP TABLE users',
        "not active eq true",
        "userName eq 01x",
    ],
)
def test_what_is_no_filter(text: str) -> None:
    with pytest.raises(ScimFilter):
        parse_filter(USER, text)


def test_depth_breadth_and_length_are_bounded() -> None:
    deep = "(" * (MAX_DEPTH - 1) + "active pr" + ")" * (MAX_DEPTH - 1)
    assert matches(USER, LI, parse_filter(USER, deep))
    for text in (
        "(" * 10_000 + "active pr" + ")" * 10_000,
        "(" * 3_000 + "active pr" + ")" * 3_000,
        "not (" * 1_000 + "active pr" + ")" * 1_000,
        " or ".join(["active pr"] * (MAX_TERMS + 1)),
        f'userName eq "{"x" * 9_000}"',
    ):
        with pytest.raises(ScimFilter):
            parse_filter(USER, text)


def test_a_first_cut_never_loses_a_match() -> None:
    both = parse_filter(GROUP, 'id eq "grp_1" and members[value eq "usr_1"]')
    assert lookups(both) == {"id": "grp_1", "members": "usr_1"}
    assert lookups(parse_filter(USER, 'id eq "a" or userName eq "b"')) == {}
    assert lookups(parse_filter(USER, 'not (id eq "a")')) == {}


@given(st.text(max_size=200))
def test_any_text_is_a_filter_or_an_error(text: str) -> None:
    try:
        found = parse_filter(USER, text)
    except ScimError:
        return
    assert matches(USER, LI, found) in {True, False}


@given(st.text(max_size=40))
def test_any_value_in_quotes_is_a_value(value: str) -> None:
    quoted = json.dumps(value)
    assert parse_filter(USER, f"title eq {quoted}") == Compare(("title",), "eq", value)
