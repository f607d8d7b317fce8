"""Plugins are checked when they are registered; a broken one harms nobody."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from td_line_connectors.errors import UnknownConnectorError
from td_line_connectors.plugins import default_registry
from td_line_connectors.registry import PluginContractError, Registry
from td_line_connectors.schema.columns import Column
from td_line_connectors.schema.parameters import Parameter, ParameterSchema
from td_line_connectors.schema.types import SECRET
from td_line_connectors.secret import Secret
from td_line_connectors.spi import OutputConnector, OutputPlugin, QueryConnector, QueryPlugin, Runtime


@dataclass(frozen=True)
class Config:
    token: Secret


def build(config: Config, runtime: Runtime) -> OutputConnector[Any]:
    raise AssertionError("registering builds nothing")


TOKEN = Parameter(name="token", label="Token", help="The token.", type=SECRET, required=True)
PLUGIN: OutputPlugin[Config] = OutputPlugin(
    name="some_output",
    title="Some output",
    parameters=ParameterSchema(into=Config, parameters=(TOKEN,)),
    columns={"rows": (Column(name="id", validate=str, help="The id."),)},
    build=build,
)


def test_a_registered_plugin_is_found_by_its_name() -> None:
    assert Registry([PLUGIN]).output("some_output") is PLUGIN
    assert Registry([PLUGIN]).plugin("some_output") is PLUGIN


@pytest.mark.parametrize("name", ["Some", "some-output", "_some", "some__output", "", "söme"], ids=repr)
def test_a_name_outside_the_rule_is_refused(name: str) -> None:
    with pytest.raises(PluginContractError, match="its name must match"):
        Registry([replace(PLUGIN, name=name)])


def test_a_second_plugin_of_one_name_is_refused() -> None:
    with pytest.raises(PluginContractError, match="registered already"):
        Registry([PLUGIN, replace(PLUGIN, title="Another")])


def test_everything_that_an_author_must_mend_is_told_at_once() -> None:
    nameless = replace(TOKEN, help="no full stop", default=Secret("x"))
    wrong = replace(PLUGIN, title=" ", columns={}, parameters=ParameterSchema(into=Config, parameters=(nameless,)))

    with pytest.raises(PluginContractError) as caught:
        Registry([wrong])

    for word in ("title", "columns", "full stop", "no default"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "value", [None, object(), "some_output", OutputPlugin], ids=["None", "object", "text", "class"]
)
def test_what_is_no_plugin_is_refused(value: object) -> None:
    with pytest.raises(PluginContractError, match="expected an InputPlugin, OutputPlugin or QueryPlugin"):
        Registry().register(value)


def test_an_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(UnknownConnectorError) as caught:
        Registry([PLUGIN]).output("some_outptu")

    assert "Did you mean «some_output»?" in str(caught.value)
    assert "Known outputs: some_output." in str(caught.value)


def test_a_plugin_that_cannot_be_loaded_is_listed_with_its_reason_and_stops_no_other() -> None:
    def fails() -> object:
        raise ImportError("no module named nowhere")

    registry = Registry()
    registry.load("broken", fails)
    registry.load("some_output", lambda: PLUGIN)

    assert [each.name for each in registry] == ["some_output"]
    assert [(each.name, each.reason) for each in registry.broken] == [
        ("broken", "ImportError: no module named nowhere")
    ]


def test_asking_for_a_broken_plugin_tells_why_it_is_not_there() -> None:
    registry = Registry()
    registry.load("broken", lambda: 1 // 0)

    with pytest.raises(UnknownConnectorError, match="did not load: ZeroDivisionError"):
        registry.output("broken")


def test_a_registry_is_a_value_of_its_own() -> None:
    Registry([PLUGIN])

    assert len(Registry()) == 0


def test_what_runs_queries_is_found_by_its_name_and_needs_no_columns() -> None:
    plugin: QueryPlugin[Config] = QueryPlugin(
        name="some_queries", title="Some queries", parameters=PLUGIN.parameters, build=_no_queries
    )
    registry = Registry([PLUGIN, plugin])

    assert registry.query("some_queries") is registry.plugin("some_queries") is plugin
    assert [each.name for each in registry] == ["some_output", "some_queries"]
    with pytest.raises(UnknownConnectorError, match="Known query connectors: some_queries"):
        registry.query("some_output")


def _no_queries(config: Config, runtime: Runtime) -> QueryConnector:
    raise AssertionError("registering builds nothing")


def test_our_own_connector_is_registered_by_default() -> None:
    assert default_registry().output("line_via_crescendo").title == "Line via Crescendo"
