"""Would MAAC take these rows?

An import is taken or refused as a whole. A refusal gives counts only, never which rows.
Unpublished, and chosen here: `duplicate_error` counts the second and later rows of a key, keys compared as text after
stripping and, for mobiles, after E.164; a value of the wrong JSON type is an unreadable request (400), except for the
three fields that have a count of their own; e-mail addresses are not judged.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, Final

from td_line_connectors.testing.emulation.answers import RequestRefusedError
from td_line_connectors.testing.maac.regions import Region

__all__ = ["IMPORT_KEYS", "Verdict", "judge", "tag_names"]

IMPORT_KEYS: Final = ("line_uid", "customer_id", "email", "mobile")
_COUNTED: Final = ("gender", "mobile", "birthday")
_TEXT_FIELDS: Final = frozenset({*IMPORT_KEYS, *_COUNTED, "line_display_name"})
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NAME_LENGTH: Final = 255


@dataclass(slots=True)
class Verdict:
    """What MAAC says of the rows of one request.

    Attributes:
        records: each row's values that are not blank, stripped; `tags` as a list.
        wrong: rows with a wrong value, by field.
        blank: rows without a key.
        duplicate: rows whose key an earlier row has.
        missing: fields that no row has and one must have.
        useless: fields that MAAC does not know, in the order met.
    """

    records: list[dict[str, Any]] = field(default_factory=list)
    wrong: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    blank: int = 0
    duplicate: int = 0
    missing: list[str] = field(default_factory=list)
    useless: dict[str, None] = field(default_factory=dict)

    def refusal(self) -> dict[str, object] | None:
        """Give the published counts of a refused request; None if the rows are taken."""
        if not (self.blank or self.duplicate or self.missing or self.useless or any(self.wrong.values())):
            return None
        return {
            "success": False,
            "blank_error": self.blank,
            "duplicate_error": self.duplicate,
            **{f"{name}_error": count for name, count in self.wrong.items()},
            "miss_fields": self.missing,
            "useless_fields": list(self.useless),
        }


def judge(
    rows: Iterable[Mapping[str, Any]], import_key: str, region: Region, refuse_mobiles: Collection[str] = ()
) -> Verdict:
    """Judge the rows of one request.

    Args:
        rows: the objects of `data`.
        import_key: one of `IMPORT_KEYS`.
        region: says how local mobile numbers are read.
        refuse_mobiles: numbers in E.164 that are refused though their shape is right.

    Raises:
        RequestRefusedError: 400, a value has a type that the field cannot have, or a name is too long.
    """
    verdict = Verdict()
    seen: set[str] = set()
    key_was_named = False
    for row in rows:
        record = _strip(row, verdict)
        _judge_values(record, verdict, region, refuse_mobiles)
        key_was_named = key_was_named or import_key in row
        key = record.get(import_key)
        if key is None:
            verdict.blank += 1
        elif key in seen:
            verdict.duplicate += 1
        else:
            seen.add(key)
        verdict.records.append(record)
    if not key_was_named:
        verdict.missing.append(import_key)
    return verdict


def _strip(row: Mapping[str, Any], verdict: Verdict) -> dict[str, Any]:
    """Take a row's values that are not blank."""
    record: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, str) and name in _TEXT_FIELDS:  # nearly every value
            if text := value.strip():
                record[name] = text
        elif name == "tags":
            record["tags"] = tag_names(value, "data.tags")
        elif name not in _TEXT_FIELDS:
            verdict.useless[name] = None
        elif name in _COUNTED and value is not None:
            verdict.wrong[name] += 1
        elif value is not None:
            raise RequestRefusedError(400, f"data.{name}: must be text")
    return record


def _judge_values(record: dict[str, Any], verdict: Verdict, region: Region, refuse_mobiles: Collection[str]) -> None:
    """Count a record's wrong values, and put its mobile number into E.164."""
    if "gender" in record and record["gender"] not in {"male", "female"}:
        verdict.wrong["gender"] += 1
    if "birthday" in record and not _is_date(record["birthday"]):
        verdict.wrong["birthday"] += 1
    if "mobile" in record:
        mobile = region.e164(record["mobile"])
        if mobile is None or mobile in refuse_mobiles:
            verdict.wrong["mobile"] += 1
        else:
            record["mobile"] = mobile
    if len(record.get("line_display_name", "")) > _NAME_LENGTH:
        raise RequestRefusedError(400, f"data.line_display_name: at most {_NAME_LENGTH} characters")


@lru_cache(maxsize=65_536)
def _is_date(text: str) -> bool:
    if not _ISO_DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def tag_names(value: object, where: str) -> Sequence[str]:
    """Read an array of tag names; null is none. Blank names are passed over.

    Raises:
        RequestRefusedError: 400, it is something else.
    """
    if value is None:
        return ()
    try:
        if isinstance(value, list):
            return [name for name in map(str.strip, value) if name]
    except TypeError:  # str.strip wants text
        pass
    raise RequestRefusedError(400, f"{where}: must be an array of text")
