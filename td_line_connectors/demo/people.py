"""Who is in the demonstration's table?"""

from collections.abc import Iterator
from random import Random
from typing import Final

__all__ = ["BLOCKED", "COLUMNS", "PEOPLE", "REFUSED_MOBILE", "rows"]

COLUMNS: Final = ("line_uid", "line_display_name", "email", "mobile", "gender", "birthday", "tags", "city", "spent")

PEOPLE: Final = 300
"""Different people; some have several rows."""

BLOCKED: Final = frozenset(f"U{number:032x}" for number in range(10, PEOPLE, 37))
"""People who have blocked the account: MAAC reports them as mismatched."""

REFUSED_MOBILE: Final = "+886912000042"
"""A number that is valid and that the emulated MAAC refuses all the same, as the real one may."""

NAMES: Final = ("王小明", "Mei 🌸", "佐藤ひろ", "สมชาย", "Ana", "林志玲", "Kenji", "陳美麗")
CITIES: Final = ("Taipei", "Tokyo", "Bangkok", "Tainan")

MISTAKES: Final = {
    "birthday": ("1985", "1985/04/06", "2001-02-29"),
    "gender": ("robot", "F"),
    "mobile": ("12345", "0912-34"),
    "email": ("ann@", "ann example.com"),
    "line_uid": ("", "U12AB"),
}
"""Values of the kind that real tables hold; each makes its row invalid."""


def rows(random: Random) -> Iterator[tuple[object, ...]]:
    """Give the rows of a table as a brand has it: mostly right.

    Args:
        random: the source of chance; the same seed gives the same table.
    """
    for number in range(PEOPLE):
        person = _person(number, random)
        if random.random() < 0.05:
            column = random.choice(sorted(MISTAKES))
            person[column] = random.choice(MISTAKES[column])
        yield tuple(person[name] for name in COLUMNS)
        if random.random() < 0.1:  # a second row for the same person, who has been to another shop
            yield tuple({**person, "email": None, "tags": "second shop"}[name] for name in COLUMNS)


def _person(number: int, random: Random) -> dict[str, object]:
    mobile = f"0912{number:06d}"
    return {
        "line_uid": f"U{number:032x}",
        "line_display_name": random.choice(NAMES),
        "email": f"person.{number}@example.com" if number % 4 else None,
        # What spreadsheets make of numbers: the leading zero gone, full-width digits, hyphens.
        "mobile": random.choice([mobile, mobile[1:], f"+886-{mobile[1:4]}-{mobile[4:]}", _full_width(mobile), None])
        if number != 42
        else "0912000042",
        "gender": random.choice(["male", "Female", None]),
        "birthday": f"{random.randint(1950, 2005)}-{random.randint(1, 12):02d}-{random.randint(1, 28):02d}",
        "tags": random.choice(["vip, spring", "spring", "newcomer", None]),
        "city": random.choice(CITIES),
        "spent": random.randint(0, 20_000),
    }


def _full_width(digits: str) -> str:
    return digits.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
