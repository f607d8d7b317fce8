"""What waits now is handed over, and that is all."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

from td_line_connectors.drain.stream import Tally
from td_line_connectors.drain.targets import Target, drained_sources, targets_of
from td_line_connectors.drain.worker import open_stream
from td_line_connectors.errors import ConfigError, ConnectorError
from td_line_connectors.project.project import Project
from td_line_connectors.registry import Registry
from td_line_connectors.spi import Runtime
from td_line_connectors.transport.retry import RetryPolicy

__all__ = ["HandedOver", "hand_over"]


@dataclass(slots=True)
class HandedOver:
    """What was done.

    Attributes:
        tallies: by source.
        problems: what kept a table from being handed over to its end; the others were, all the same.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    problems: list[ConnectorError] = field(default_factory=list)


def hand_over(project: Project, registry: Registry, runtime: Runtime, retry: RetryPolicy | None = None) -> HandedOver:
    """Hand over every row that waits, and those that come meanwhile.

    Args:
        project: whose sources.
        registry: the connectors there are.
        runtime: clocks, sleep and randomness.
        retry: how often a request is tried; None: for some two minutes.

    Raises:
        StoreError: the sources cannot be read.
    """
    done = HandedOver()
    for source in drained_sources(project):
        tally = done.tallies.setdefault(source.name, Tally())
        try:
            targets: Sequence[Target] = list(targets_of(source, project, registry))
        except ConfigError as error:
            targets = ()
            done.problems.append(error)
        for target in targets:
            problem = _emptied(target, tally, runtime, retry or RetryPolicy())
            done.problems += [problem] if problem else []
    return done


def _emptied(target: Target, tally: Tally, runtime: Runtime, retry: RetryPolicy) -> ConnectorError | None:
    """Hand one table over, and give what ended it early."""
    stream = open_stream(target, retry=retry, runtime=runtime, patience=0.0)
    with closing(stream):
        try:
            while stream.turn():
                pass
        except ConnectorError as error:
            return error
        finally:
            tally.handed_over += stream.tally.handed_over
            tally.rejected += stream.tally.rejected
    return None
