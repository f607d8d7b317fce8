"""Line via Crescendo, as the registry holds it."""

import hashlib
from typing import Any, Final

from td_line_connectors.connectors.crescendo.api import MaacApi
from td_line_connectors.connectors.crescendo.members import MembersOutput
from td_line_connectors.connectors.crescendo.records import member_schema, segment_schema
from td_line_connectors.connectors.crescendo.segments import SegmentsOutput
from td_line_connectors.connectors.crescendo.settings import PARAMETERS, CrescendoConfig
from td_line_connectors.spi import OutputConnector, OutputPlugin, Runtime
from td_line_connectors.transport.http import HttpClient
from td_line_connectors.transport.retry import RetryPolicy

__all__ = ["PLUGIN"]


def build(config: CrescendoConfig, runtime: Runtime) -> OutputConnector[Any]:
    """Make the output that `data_object` asks for."""
    http = HttpClient(
        config.host,
        config.api_token,
        timeout=config.request_timeout,
        retry=RetryPolicy(),
        now=runtime.now,
        monotonic=runtime.monotonic,
        sleep=runtime.sleep,
        random=runtime.random,
    )
    output = MembersOutput if config.data_object == "members" else SegmentsOutput
    return output(config, MaacApi(http), _account(config), runtime)


def _account(config: CrescendoConfig) -> str:
    """Name the account for the quota, betraying neither host nor token."""
    return hashlib.sha256(f"{config.host}\n{config.api_token.reveal()}".encode()).hexdigest()


PLUGIN: Final = OutputPlugin(
    name="line_via_crescendo",
    title="Line via Crescendo",
    parameters=PARAMETERS,
    columns={"members": member_schema(None, "TW").columns, "segments": segment_schema().columns},
    build=build,
)
