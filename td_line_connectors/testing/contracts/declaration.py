"""Is a plugin declared as it must be?"""

import json
from collections.abc import Iterator
from typing import Any

from td_line_connectors.registry import Plugin, Registry
from td_line_connectors.schema import render
from td_line_connectors.testing.contracts.json_schemas import DIALECT, faults_of

__all__ = ["DeclarationPromises", "printed"]


class DeclarationPromises:
    """What a plugin of any kind declares: it is complete, and can be shown to people and editors.

    Attributes:
        plugin: the plugin.
    """

    plugin: Any

    def test_the_registry_takes_the_plugin(self) -> None:
        plugin: Plugin = self.plugin

        assert list(Registry([plugin])) == [plugin]

    def test_every_parameter_and_every_column_is_documented(self) -> None:
        plugin: Plugin = self.plugin
        described = [(each.name, each.label, each.type.name, each.help) for each in plugin.parameters]
        described += [
            (each.name, each.type, each.type, each.help) for known in plugin.columns.values() for each in known
        ]

        for name, label, kind, text in described:
            assert label.strip(), f"«{name}» has no label"
            assert kind.strip(), f"«{name}» has no type"
            assert len(text.split()) > 1, f"the help of «{name}» says nothing"
            assert text.endswith("."), f"the help of «{name}» must be sentences that end with a full stop"

    def test_the_reference_page_names_every_parameter_and_column(self) -> None:
        plugin: Plugin = self.plugin
        page = render.markdown(plugin.name, plugin.title, plugin.parameters, plugin.columns)
        columns = [each.name for known in plugin.columns.values() for each in known]

        for name in [*(each.name for each in plugin.parameters), *plugin.columns, *columns]:
            assert name in page, f"«{name}» is not on the page"
        assert all(line.count(" | ") > 1 for line in page.splitlines() if line.startswith("|")), "a table is broken"

    def test_the_settings_have_a_json_schema(self) -> None:
        plugin: Plugin = self.plugin
        schema = render.json_schema(plugin.parameters, title=plugin.title)
        properties = schema["properties"]

        assert json.loads(json.dumps(schema)) == schema, "it is not made of JSON values"
        assert schema["$schema"] == DIALECT
        assert list(faults_of(schema)) == []
        assert isinstance(properties, dict)
        assert {name for name, each in properties.items() if each.get("writeOnly")} == plugin.parameters.secrets, (
            "secrets, and no other parameters, are `writeOnly`"
        )


def printed(*values: object) -> Iterator[str]:
    """Give what values, and the objects that they are made of, look like when they are printed."""
    for value in values:
        yield from (repr(value), f"{value}")
        names = [*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ())]
        parts = [getattr(value, name, None) for name in names]
        yield from (repr(part) for part in parts if not isinstance(part, str | bytes))  # a text itself prints nowhere
