"""The demo's people, documents and questions, and an independent reading of who may see what."""

from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.datasets import DatasetError
from eval.datasets.base import read_lines, require_file
from wenyuan.access import Classification

Level = Literal["public", "internal", "secret", "confidential"]
Category = Literal["text", "table", "range", "cross-lingual", "restricted", "absent"]


class Entry(BaseModel):
    """A record of the files; unknown keys are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Subject(Entry):
    """A user or group by id, or everyone."""

    kind: Literal["user", "group", "everyone"]
    name: str = ""


class Policy(Entry):
    """Who may read: allow, deny, and the classification a reader's clearance must reach."""

    allow: tuple[Subject, ...] = ()
    deny: tuple[Subject, ...] = ()
    classification: Level = "public"


class Members(Entry):
    """Direct members of a group."""

    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class Group(Entry):
    """A group; ``name`` is for display."""

    id: str
    name: str
    members: Members


class User(Entry):
    """A person."""

    id: str
    name: str
    title: str
    language: Literal["zh", "en"]
    roles: tuple[str, ...]
    clearance: Level


class Space(Entry):
    """A space with its readers and managers."""

    id: str
    name: str
    readers: tuple[Subject, ...] = ()
    managers: tuple[Subject, ...] = ()


class Item(Entry):
    """A file of the corpus with its place and policy."""

    file: str
    space: str
    title: str
    language: Literal["zh", "en"]
    policy: Policy


class Asked(Entry):
    """A question with who asks and what is right."""

    id: str
    question: str
    language: Literal["zh", "en"]
    user: str
    expect: Literal["answer", "refuse"]
    category: Category
    answers: tuple[str, ...]
    document: str | None
    page: int | None
    section: str | None = None
    sheet: str | None = None
    gold_quote: str | None
    note: str = ""
    pair: str | None = None
    forbidden: tuple[str, ...] = ()


class Company(Entry):
    """The directory of the demo with its questions; ``folder`` holds ``corpus/``."""

    names: dict[str, str] = Field(alias="company")
    groups: tuple[Group, ...]
    users: tuple[User, ...]
    spaces: tuple[Space, ...]
    documents: tuple[Item, ...]
    questions: tuple[Asked, ...]
    folder: Path

    def user(self, user_id: str) -> User:
        """Return a user; raises ``DatasetError``."""
        found = next((user for user in self.users if user.id == user_id), None)
        if found is None:
            known = ", ".join(user.id for user in self.users)
            raise DatasetError(reason=f"no user {user_id!r}; there are {known} / 没有该用户")
        return found

    def question(self, question_id: str) -> Asked:
        """Return a question by id; raises ``DatasetError``."""
        found = next((question for question in self.questions if question.id == question_id), None)
        if found is None:
            raise DatasetError(reason=f"no question {question_id!r} / 没有该问题")
        return found

    def may_read(self, user: User, item: Item) -> bool:
        """Say whether the user may read the document: some allow names them, no deny does, the clearance suffices."""
        named = {("everyone", ""), ("user", user.id)} | {("group", group) for group in self._groups_of(user.id)}

        def hits(subjects: tuple[Subject, ...]) -> bool:
            return any((subject.kind, subject.name) in named for subject in subjects)

        cleared = level(user.clearance) >= level(item.policy.classification)
        return cleared and hits(item.policy.allow) and not hits(item.policy.deny)

    def _groups_of(self, user_id: str) -> set[str]:
        found = {group.id for group in self.groups if user_id in group.members.users}
        while True:
            wider = {group.id for group in self.groups if found.intersection(group.members.groups)} - found
            if not wider:
                return found
            found |= wider


def level(name: Level) -> Classification:
    """Return the classification of a level's name."""
    return Classification[name.upper()]


def read_company(folder: Path) -> Company:
    """Read a folder in the ``demo`` layout; raises ``DatasetError``."""
    if not folder.is_dir():
        raise DatasetError(reason=f"{folder} is not a folder (layout demo) / 不是文件夹")
    directory = require_file(folder / "directory.yaml")
    try:
        content = yaml.safe_load(directory.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DatasetError(reason=f"{directory.name}: not YAML / 不是有效的 YAML") from error
    if not isinstance(content, dict):
        raise DatasetError(reason=f"{directory.name}: not a mapping / 不是映射")
    lines = list(read_lines(require_file(folder / "questions.jsonl")))
    questions = [_checked(Asked, place, line) for place, line in lines]
    try:
        company = Company(**content, questions=questions, folder=folder)
    except (ValidationError, TypeError) as error:
        raise DatasetError(reason=f"{directory.name}: {_first(error)}") from error
    for item in company.documents:
        require_file(folder / "corpus" / item.file)
    for question in company.questions:
        company.user(question.user)
    return company


_E = TypeVar("_E", bound=Entry)


def _checked(kind: type[_E], place: str, line: str) -> _E:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise DatasetError(reason=f"{place}: {_first(error)}") from error


def _first(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return str(error)
    first = error.errors(include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
