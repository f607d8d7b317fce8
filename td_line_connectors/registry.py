"""Names to plugins."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from td_line_connectors.errors import UnknownConnectorError
from td_line_connectors.issues import ValidationIssue
from td_line_connectors.schema.parameters import Parameter, ParameterSchema, nearest
from td_line_connectors.spi import InputPlugin, OutputPlugin, QueryPlugin

__all__ = ["BrokenPlugin", "Plugin", "PluginContractError", "Registry"]

Plugin: TypeAlias = InputPlugin[Any] | OutputPlugin[Any] | QueryPlugin[Any]
"""What can be registered."""

NAME: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


class PluginContractError(ValueError):
    """A plugin does not keep the contract; its author must mend it."""


@dataclass(frozen=True, slots=True)
class BrokenPlugin:
    """A plugin that could not be loaded.

    Attributes:
        name: as its package declares it.
        reason: what its author must mend.
    """

    name: str
    reason: str


class Registry:
    """The connectors there are.

    Args:
        plugins: the first ones to register.
    """

    def __init__(self, plugins: Iterable[Plugin] = ()) -> None:
        self._outputs: dict[str, OutputPlugin[Any]] = {}
        self._inputs: dict[str, InputPlugin[Any]] = {}
        self._queries: dict[str, QueryPlugin[Any]] = {}
        self._broken: list[BrokenPlugin] = []
        for plugin in plugins:
            self.register(plugin)

    def register(self, plugin: object) -> None:
        """Add a plugin, having checked that it keeps the contract.

        Raises:
            PluginContractError: naming everything that its author must mend.
        """
        if not isinstance(plugin, InputPlugin | OutputPlugin | QueryPlugin):
            raise PluginContractError(
                f"expected an InputPlugin, OutputPlugin or QueryPlugin, got a value of type {type(plugin).__name__}"
            )
        faults = list(_faults(plugin))
        if plugin.name in self._all():
            faults.append("a plugin of this name is registered already")
        if faults:
            raise PluginContractError(f"plugin «{plugin.name}»: " + "; ".join(faults))
        match plugin:
            case InputPlugin():
                self._inputs[plugin.name] = plugin
            case OutputPlugin():
                self._outputs[plugin.name] = plugin
            case QueryPlugin():
                self._queries[plugin.name] = plugin

    def load(self, name: str, plugin: Callable[[], object]) -> None:
        """Add the plugin that `plugin()` gives; one that cannot be had is listed in `broken` and harms nobody.

        Args:
            name: what to call it if it is broken.
            plugin: loads it; may raise anything.
        """
        try:
            self.register(plugin())
        except Exception as error:  # noqa: BLE001 - a third party's import may raise anything, and must not stop the rest
            self._broken.append(BrokenPlugin(name, f"{type(error).__name__}: {error}"))

    def input(self, name: str) -> InputPlugin[Any]:
        """Give the input of that name.

        Raises:
            UnknownConnectorError: naming the known ones, and why a broken one of that name did not load.
        """
        if name not in self._inputs:
            raise self._unknown(name, "inputs", self._inputs)
        return self._inputs[name]

    def output(self, name: str) -> OutputPlugin[Any]:
        """Give the output of that name.

        Raises:
            UnknownConnectorError: naming the known ones, and why a broken one of that name did not load.
        """
        if name not in self._outputs:
            raise self._unknown(name, "outputs", self._outputs)
        return self._outputs[name]

    def query(self, name: str) -> QueryPlugin[Any]:
        """Give what runs queries under that name.

        Raises:
            UnknownConnectorError: naming the known ones, and why a broken one of that name did not load.
        """
        if name not in self._queries:
            raise self._unknown(name, "query connectors", self._queries)
        return self._queries[name]

    def plugin(self, name: str) -> Plugin:
        """Give the plugin of that name, whatever it does.

        Raises:
            UnknownConnectorError: naming the known ones, and why a broken one of that name did not load.
        """
        known = self._all()
        if name not in known:
            raise self._unknown(name, "connectors", known)
        return known[name]

    def _unknown(self, name: str, kind: str, known: Iterable[str]) -> UnknownConnectorError:
        names = sorted(known)
        broken = "".join(f" «{each.name}» did not load: {each.reason}." for each in self._broken if each.name == name)
        message = f"«{name}» is no registered connector.{broken}{nearest(name, names)}"
        there = f"{message} Known {kind}: {', '.join(names) or 'none'}."
        return UnknownConnectorError([ValidationIssue("type", "unknown_connector", there)])

    @property
    def broken(self) -> tuple[BrokenPlugin, ...]:
        """The plugins that did not load, in the order in which they were tried."""
        return tuple(self._broken)

    def __iter__(self) -> Iterator[Plugin]:
        return iter(self._all().values())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Plugin]:
        return {**self._inputs, **self._outputs, **self._queries}


def _faults(plugin: Plugin) -> Iterator[str]:
    """Say what a plugin's author must mend."""
    if not NAME.fullmatch(plugin.name):
        yield f"its name must match ^{NAME.pattern}$"
    if not plugin.title.strip():
        yield "it has no title"
    if not callable(plugin.build):
        yield "build must be callable"
    if not plugin.columns and not isinstance(plugin, QueryPlugin):
        yield "it declares no columns"
    if isinstance(plugin, InputPlugin) and plugin.signature_header != plugin.signature_header.lower():
        yield "its signature header must be in lower case"
    if isinstance(plugin.parameters, ParameterSchema):
        for parameter in plugin.parameters:
            yield from _parameter_faults(parameter)
    else:
        yield "parameters must be a ParameterSchema"


def _parameter_faults(parameter: Parameter) -> Iterator[str]:
    if not NAME.fullmatch(parameter.name):
        yield f"the parameter «{parameter.name}» must match ^{NAME.pattern}$"
    if not parameter.help.endswith("."):
        yield f"the help of «{parameter.name}» must be sentences that end with a full stop"
    if parameter.type.secret and parameter.default is not None:
        yield f"the secret «{parameter.name}» must have no default"
