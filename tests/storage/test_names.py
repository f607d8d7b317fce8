import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.storage.names import column_names, database_name, quoted, table_name, unknown_name


@pytest.mark.parametrize("name", ["abc", "a_1", "x" * 128, "___", "2026"])
def test_a_name_of_the_rule_is_accepted(name: str) -> None:
    assert (database_name(name), table_name(name)) == (name, name)


@pytest.mark.parametrize(
    "name", ["", "ab", "x" * 129, "Abc", "a-b", "a.b", "sqlite_x", "名前テーブル", "abc\n", "../etc", 'a"b'], ids=ascii
)
def test_a_name_that_breaks_the_rule_is_refused_with_the_rule(name: str) -> None:
    for accept in (database_name, table_name):
        with pytest.raises(ConfigError, match=r"3 to 128 of a-z, 0-9 and _"):
            accept(name)


def test_white_space_around_a_column_name_is_taken_away() -> None:
    assert column_names([" line_uid", "email\t"], "people.csv") == ("line_uid", "email")


def test_every_wrong_column_name_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        column_names(["email", "", "EMAIL", "a\0b", "ok"], "people.csv")
    assert [issue.message.split(" ", 2)[1] for issue in caught.value.issues] == ["2", "3", "4"]


def test_a_column_alike_but_for_case_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"column 2 \(Email\) has the name of column 1"):
        column_names(["email", "Email"], "people.csv")


def test_a_row_that_was_taken_for_a_header_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match=r"column 3 has the name of column 2, and looks like a value; is the first"):
        column_names(["0912345678", "ann@example.com", "Ann@example.com"], "people.csv")


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"2,001 columns"):
        column_names(map(str, range(2001)), "people.csv")


def test_a_quoted_identifier_stays_one_identifier() -> None:
    assert quoted('a"; DROP TABLE b; --') == '"a""; DROP TABLE b; --"'


def test_an_unknown_name_brings_the_known_ones_and_the_nearest() -> None:
    error = unknown_name("table", "membrs", ("events", "members"), "`table create` makes one")
    assert "Did you mean «members»?" in str(error)
    assert "Known: events, members" in str(error)
