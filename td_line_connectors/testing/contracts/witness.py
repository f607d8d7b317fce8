"""What did a connector's verbs give and raise?"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from td_line_connectors.spi import Limits, Outcome, OutputConnector, Ticket

__all__ = ["Notes", "witnessed"]

VERBS: Final = ("prepare", "submit", "settle", "find")


@dataclass(slots=True)
class Notes:
    """What was witnessed.

    Attributes:
        killed_after: the number of the request, from 0, whose acceptance nobody lives to write down; None: all do.
        bodies: those that `submit` was given.
        tickets: what `submit` and `find` gave.
        outcomes: what `settle` gave.
        errors: what any verb raised.
    """

    killed_after: int | None = None
    bodies: list[bytes] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    def take(self, verb: str, given: tuple[Any, ...], gave: object) -> None:
        """Write down what a verb gave.

        Raises:
            KeyboardInterrupt: the process is killed here.
        """
        if verb == "settle":
            self.outcomes.append(cast(Outcome, gave))
        if verb in {"submit", "find"} and isinstance(gave, str):
            self.tickets.append(gave)
        if verb == "submit":
            [body] = given
            self.bodies.append(body)
            if self.killed_after == len(self.bodies) - 1:
                self.killed_after = None
                raise KeyboardInterrupt


def witnessed(connector: OutputConnector[Any], notes: Notes, limits: Limits | None = None) -> OutputConnector[Any]:
    """Stand between the engine and a connector, and write down what passes.

    It is a class made for this connector, with the names that it has, because the engine asks whether a connector has
    `prepare`, and that question looks at classes.

    Args:
        connector: does the work.
        notes: what is written down goes here.
        limits: shown to the engine instead of the connector's own.
    """
    names = [name for name in dir(connector) if not name.startswith("_")]
    shown: dict[str, object] = {name: _passed_on(connector, name) for name in names}
    shown |= {verb: _verb(getattr(connector, verb), verb, notes) for verb in VERBS if verb in names}
    if limits:
        shown["limits"] = limits
    return cast("OutputConnector[Any]", type("Witness", (), shown)())


def _passed_on(connector: OutputConnector[Any], name: str) -> property:
    return property(lambda _self: getattr(connector, name))


def _verb(verb: Callable[..., object], name: str, notes: Notes) -> Callable[..., object]:
    def witnessed_verb(_self: object, *given: Any) -> object:  # noqa: ANN401 - as the verb has it
        try:
            gave = verb(*given)
        except BaseException as error:
            notes.errors.append(error)
            raise
        notes.take(name, given, gave)
        return gave

    return witnessed_verb
