"""What a connector may be told is declared once, and everything wrong with what it is told is said at once."""

from dataclasses import dataclass

import pytest

from td_line_connectors.errors import ConfigError
from td_line_connectors.schema.parameters import Parameter, ParameterSchema, When
from td_line_connectors.schema.types import BOOLEAN, SECRET, TAGS, TEXT, choice, whole_number
from td_line_connectors.secret import Secret

LIST = When("kind", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    token: Secret
    kind: str
    list_name: str | None
    tags: tuple[str, ...] | None
    quick: bool
    size: int


def parameter(name: str, **facts: object) -> Parameter:
    return Parameter(name=name, label=name, help="Some help.", **facts)  # type: ignore[arg-type]  # a table's facts


SCHEMA = ParameterSchema(
    into=Config,
    parameters=(
        parameter("token", type=SECRET, required=True),
        parameter("kind", type=choice("list", "row"), required=True),
        parameter("list_name", type=TEXT, required=LIST, applies=LIST),
        parameter("tags", type=TAGS),
        parameter("quick", type=BOOLEAN, default=False),
        parameter("size", type=whole_number(1, 9), default=3),
    ),
)


def test_a_block_becomes_a_typed_frozen_value() -> None:
    block = {"token": "t", "kind": "list", "list_name": "VIP", "tags": "a, b", "quick": "true", "size": "4"}

    config = SCHEMA.parse(block)

    assert config == Config(token=Secret("t"), kind="list", list_name="VIP", tags=("a", "b"), quick=True, size=4)


def test_what_is_not_given_has_its_default() -> None:
    config = SCHEMA.parse({"token": "t", "kind": "row"})

    assert (config.list_name, config.tags, config.quick, config.size) == (None, None, False, 3)


@pytest.mark.parametrize("blank", [None, "", "  ", float("nan")], ids=repr)
def test_a_blank_value_is_not_given(blank: object) -> None:
    assert SCHEMA.parse({"token": "t", "kind": "row", "size": blank}).size == 3


@pytest.mark.parametrize("nothing", [[], [" "], ", ,"], ids=repr)
def test_a_list_of_nothing_is_not_given(nothing: object) -> None:
    assert SCHEMA.parse({"token": "t", "kind": "row", "tags": nothing}).tags is None


def test_every_error_is_told_at_once_in_the_order_of_the_console_unknown_keys_last() -> None:
    with pytest.raises(ConfigError) as caught:
        SCHEMA.parse({"sise": "4", "size": "ten", "quick": "yes", "kind": "lists"})

    assert [(issue.field, issue.code) for issue in caught.value.issues][:2] == [
        ("token", "required"),
        ("kind", "choice"),
    ]
    assert [issue.field for issue in caught.value.issues] == ["token", "kind", "quick", "size", "sise"]


def test_an_unknown_key_names_the_nearest_known_one() -> None:
    with pytest.raises(ConfigError, match="Did you mean «list_name»"):
        SCHEMA.parse({"token": "t", "kind": "row", "listname": "VIP"})


def test_a_conditional_requirement_holds_only_where_its_condition_does() -> None:
    with pytest.raises(ConfigError, match="list_name: is required where kind is list"):
        SCHEMA.parse({"token": "t", "kind": "list"})


def test_a_condition_on_a_value_that_is_wrong_itself_adds_no_error() -> None:
    with pytest.raises(ConfigError) as caught:
        SCHEMA.parse({"token": "t", "kind": "nonsense"})

    assert [issue.field for issue in caught.value.issues] == ["kind"]


def test_a_parameter_that_does_not_apply_draws_a_warning() -> None:
    reading = SCHEMA.read({"token": "t", "kind": "row", "list_name": "VIP"})

    assert not reading.issues
    assert [(each.field, each.code) for each in reading.warnings] == [("list_name", "not_applicable")]


def test_no_error_repeats_a_value() -> None:
    with pytest.raises(ConfigError) as caught:
        SCHEMA.parse({"token": "t0ken", "kind": "s3cret-kind", "size": "s3cret-size"})

    assert "s3cret" not in str(caught.value)
    assert "t0ken" not in repr(caught.value)


def test_a_schema_that_has_drifted_from_its_config_stops_the_import() -> None:
    with pytest.raises(TypeError, match="Config has the fields"):
        ParameterSchema(into=Config, parameters=SCHEMA.parameters[:-1])


def test_a_condition_that_names_no_parameter_stops_the_import() -> None:
    wrong = parameter("size", type=TEXT, required=When("sort", "list"))
    with pytest.raises(TypeError, match="«sort» is no parameter"):
        ParameterSchema(into=Config, parameters=(*SCHEMA.parameters[:-1], wrong))
