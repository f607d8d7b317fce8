"""How does another application receive LINE's calls?"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from td_line_connectors.ingest.intake import Intake
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import read_project
from td_line_connectors.registry import Registry
from td_line_connectors.server.application import Limits, Receiver, Settled
from td_line_connectors.server.calls import Call
from td_line_connectors.server.handover import Handover, hand_over
from td_line_connectors.server.route_book import RouteBook
from td_line_connectors.sources.places import Places
from td_line_connectors.storage.events import EventTables

__all__ = ["receiving"]


def _unobserved(_call: Call) -> None:
    """Tell nobody."""


@contextmanager
def receiving(
    folder: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    registry: Registry | None = None,
    observe: Callable[[Call], None] = _unobserved,
    limits: Limits | None = None,
) -> Iterator[Receiver]:
    """Receive a project's calls within another ASGI application, for the length of the block.

    What is given is an application of ASGI 3, to be mounted under any path: it answers `POST /v1/task/ID` below it. It
    lives in one event loop, and one process of a machine has it. At the end of the block every accepted call is stored;
    by then the server takes no more calls.

    Rows for Treasure Data lie on this machine until `td-line drain` hands them over.

    Args:
        folder: the project's. Changes of its sources, connections and secrets are noticed within a second.
        environ: where secrets are looked up first.
        registry: the connectors there are; None: ours and those of the installed packages.
        observe: is told of each call when its answer is known; at once, and from the event loop.
        limits: of one call: bytes, and seconds.

    Raises:
        ConfigError: there is no project in the folder, or its file is wrong.
        StoreError: the sources cannot be read.
    """
    project = read_project(folder, environ)
    with ExitStack() as stack:
        book = RouteBook(project, default_registry() if registry is None else registry)
        book.start()
        stack.callback(book.close)
        intake: Intake[Settled] = Intake(EventTables(Places(project.state)), hand_over)
        intake.start()
        stack.callback(intake.close)
        yield Receiver(book.find, Handover(intake).submit, observe=observe, limits=limits)
