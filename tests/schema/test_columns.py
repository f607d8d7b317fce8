"""What a row may hold is declared once; a row is judged whole."""

from typing import NamedTuple

import pytest

from td_line_connectors import validators
from td_line_connectors.errors import ConfigError
from td_line_connectors.schema.columns import Column, RowSchema


class Person(NamedTuple):
    name: str | None
    gender: str | None
    tags: tuple[str, ...] | None


def column(name: str, validate: object, *, required: bool = False) -> Column:
    return Column(name=name, validate=validate, help="Some help.", required=required)  # type: ignore[arg-type]  # a table's validator


SCHEMA = RowSchema(
    into=Person,
    columns=(
        column("name", validators.text(max_length=5), required=True),
        column("gender", validators.one_of("male", "female", ignore_case=True)),
        column("tags", validators.tags),
    ),
)


def test_a_valid_row_becomes_a_record() -> None:
    assert SCHEMA.parse({"name": "Ann", "gender": "Female", "tags": "a,b"}, 1) == Person("Ann", "female", ("a", "b"))


@pytest.mark.parametrize("header", [("NAME", "Gender"), (" name ", "gender"), ("nAmE", "GENDER")], ids=str)
def test_columns_match_in_any_case(header: tuple[str, ...]) -> None:
    assert SCHEMA.reader(header).read(["Ann", "male"], 1) == Person("Ann", "male", None)


def test_a_column_that_is_not_there_is_not_given() -> None:
    assert SCHEMA.parse({"name": "Ann"}, 1) == Person("Ann", None, None)


@pytest.mark.parametrize("blank", [None, "", " \t\n", "\u3000", float("nan"), []], ids=repr)
def test_a_blank_value_is_not_given(blank: object) -> None:
    assert SCHEMA.parse({"name": "Ann", "gender": blank}, 1) == Person("Ann", None, None)


def test_a_row_tells_everything_that_is_wrong_with_it() -> None:
    issues = SCHEMA.parse({"name": "Annabella", "gender": "robot", "tags": True}, 17)

    assert isinstance(issues, list)
    assert [(each.row, each.field) for each in issues] == [(17, "name"), (17, "gender"), (17, "tags")]


def test_a_required_value_that_is_blank_is_an_issue() -> None:
    issues = SCHEMA.parse({"name": " ", "gender": "male"}, 3)

    assert isinstance(issues, list)
    assert [(each.row, each.field, each.code) for each in issues] == [(3, "name", "required")]


def test_two_columns_alike_but_for_case_are_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="«name» and «Name»"):
        SCHEMA.reader(("name", "gender", "Name"))


def test_a_reader_knows_what_the_header_lacks_and_what_is_ignored() -> None:
    reader = SCHEMA.reader(("Gender", "height", "Weight"))

    assert reader.missing == ("name",)
    assert reader.ignored == ("height", "Weight")


def test_a_record_survives_a_trip_through_json() -> None:
    assert SCHEMA.record(["Ann", None, ["a", "b"]]) == Person("Ann", None, ("a", "b"))


def test_a_schema_that_has_drifted_from_its_record_stops_the_import() -> None:
    with pytest.raises(TypeError, match="NamedTuple with the fields"):
        RowSchema(into=Person, columns=SCHEMA.columns[:2])
