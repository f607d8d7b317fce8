import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from td_line_connectors.storage.databases import Databases
from td_line_connectors.storage.files import read_file
from td_line_connectors.storage.importing import storable

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (None, None),
        ("007", "007"),
        ("王\ud83d", "王\\ud83d"),
        (True, "true"),
        (False, "false"),
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**63, "9223372036854775808"),
        (1.5, 1.5),
        (NAN, None),
        (Decimal("1.50"), "1.50"),
        (Decimal("NaN"), None),
        (date(1990, 1, 2), "1990-01-02"),
        (datetime(1990, 1, 2, 3, tzinfo=UTC), "1990-01-02T03:00:00+00:00"),
        (time(3, 4), "03:04:00"),
        (b"\0\xff", b"\0\xff"),
        (["a", "王", 1, True, None], '["a","王",1,true,null]'),
        ({"b": {"a": NAN}, "n": Decimal("1.10")}, '{"b":{"a":null},"n":"1.10"}'),
        (["\ud800"], '["\\ud800"]'),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
    ids=ascii,
)
def test_each_value_has_its_form_in_the_table(value: object, stored: object) -> None:
    found = storable(value)
    assert (type(found), found) == (type(stored), stored)


def test_csv_cells_are_stored_as_text_unchanged(databases: Databases) -> None:
    databases.import_rows("shop", "people", read_file(io.BytesIO(b"id,n\n007, 1.0\n,\n")))
    result = databases.query("shop", "SELECT id, typeof(id), n, typeof(n) FROM people")
    assert list(result.rows) == [("007", "text", " 1.0", "text"), ("", "text", "", "text")]


def test_json_values_are_stored_with_their_types(databases: Databases) -> None:
    content = b'{"i": 1, "f": 1.5, "t": "1", "b": true, "l": ["x", "y"], "big": 12345678901234567890, "s": "\\ud800"}\n'
    databases.import_rows("shop", "people", read_file(io.BytesIO(content)))
    result = databases.query("shop", "SELECT * FROM people")
    assert list(result.rows) == [(1, 1.5, "1", "true", '["x","y"]', "12345678901234567890", "\\ud800")]


def test_a_ragged_file_leaves_nothing(databases: Databases, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("a,b\n" + "1,2\n" * 20_000 + "3\n")
    with pytest.raises(Exception, match=r"line 20,002 has 1 cell,"):
        databases.import_rows("shop", "people", read_file(path))
    assert databases.columns("shop", "people") == ()
