"""The people an account knows.

Unpublished, and chosen here: where several members carry a key's value, the first of them is the match; somebody
whose `line_uid` has not the form of one is nobody's friend.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from td_line_connectors.testing.maac.judging import IMPORT_KEYS

__all__ = ["LINE_UID", "ImportCounts", "MemberBook"]

LINE_UID: Final = re.compile(r"U[0-9a-f]{32}")


@dataclass(slots=True)
class ImportCounts:
    """What an import that was taken did.

    Attributes:
        created: members made.
        updated: members that were there, whether or not a value changed.
        mismatched: the keys of those who are not friends or have blocked the account.
    """

    created: int = 0
    updated: int = 0
    mismatched: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Member:
    number: int
    values: dict[str, str] = field(default_factory=dict)
    tags: dict[str, None] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {**self.values, "tags": list(self.tags)}


class MemberBook:
    """Members, found by any import key. Not thread-safe: the account holds the lock."""

    def __init__(self) -> None:
        self._members: list[_Member] = []
        self._holders: dict[str, dict[str, list[_Member]]] = {}
        """Who has a key's value; made for a key when somebody first asks by it."""

    def write(
        self,
        records: Iterable[Mapping[str, Any]],
        import_key: str,
        tags: Sequence[str],
        is_friend: Callable[..., bool],
    ) -> ImportCounts:
        """Create and update members: values given overwrite, tags are only added.

        Args:
            records: as `judging.Verdict.records`, each with its key.
            import_key: what members are matched by.
            tags: for every record, beside its own.
            is_friend: says of a person's identities (any may be None) whether the account reaches that person.
        """
        counts = ImportCounts()
        for_all = dict.fromkeys(tags)
        for record in records:
            key, line_uid = record[import_key], record.get("line_uid")
            member = self._match(import_key, key)
            known_uid = member.values.get("line_uid") if member else None
            malformed = line_uid is not None and not LINE_UID.fullmatch(line_uid)
            if malformed or not is_friend(key, line_uid, known_uid):
                counts.mismatched.append(key)
                continue
            if member is None:
                member = _Member(len(self._members))
                self._members.append(member)
                counts.created += 1
            else:
                counts.updated += 1
            self._overwrite(member, record, for_all)
        return counts

    def find(self, import_key: str, key: str) -> dict[str, Any] | None:
        """Give a copy of the member that a key matches."""
        member = self._match(import_key, key)
        return member.as_dict() if member else None

    def all(self) -> list[dict[str, Any]]:
        """Give copies of all members, in the order of their creation."""
        return [member.as_dict() for member in self._members]

    def _match(self, import_key: str, key: str) -> _Member | None:
        if import_key not in self._holders:
            self._holders[import_key] = self._index(import_key)
        holders = self._holders[import_key].get(key)
        if not holders:
            return None
        return holders[0] if len(holders) == 1 else min(holders, key=lambda member: member.number)

    def _index(self, import_key: str) -> dict[str, list[_Member]]:
        if import_key not in IMPORT_KEYS:
            raise ValueError(f"members are found by {', '.join(IMPORT_KEYS)}")
        index: dict[str, list[_Member]] = {}
        for member in self._members:
            if import_key in member.values:
                index.setdefault(member.values[import_key], []).append(member)
        return index

    def _overwrite(self, member: _Member, record: Mapping[str, Any], for_all: Mapping[str, None]) -> None:
        given = {**record}
        given_tags = given.pop("tags", ())
        for import_key, holders in self._holders.items():
            before, after = member.values.get(import_key), given.get(import_key, "")
            if after and before != after:
                if before:
                    holders[before].remove(member)
                holders.setdefault(after, []).append(member)
        member.values.update(given)
        for tag in given_tags:
            member.tags[tag] = None
        member.tags.update(for_all)
