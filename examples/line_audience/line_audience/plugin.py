"""LINE audience, as the registry holds it."""

import hashlib
from functools import partial
from typing import Final

from line_audience.api import AudienceApi
from line_audience.audience import ROWS, AudienceOutput
from line_audience.settings import PARAMETERS, AudienceConfig
from td_line_connectors.spi import OutputPlugin, Runtime
from td_line_connectors.transport import HttpClient, RetryPolicy

__all__ = ["PLUGIN"]


def build(config: AudienceConfig, runtime: Runtime) -> AudienceOutput:
    """Make the output; nobody is asked yet."""
    client = partial(
        HttpClient,
        token=config.channel_access_token,
        timeout=config.request_timeout,
        retry=RetryPolicy(),
        now=runtime.now,
        monotonic=runtime.monotonic,
        sleep=runtime.sleep,
        random=runtime.random,
    )
    api = AudienceApi(client(config.endpoint), client(config.data_endpoint))
    return AudienceOutput(config, api, _account(config), runtime)


def _account(config: AudienceConfig) -> str:
    """Name the channel for the quota, betraying neither host nor token."""
    return hashlib.sha256(f"{config.endpoint}\n{config.channel_access_token.reveal()}".encode()).hexdigest()


PLUGIN: Final = OutputPlugin(
    name="line_audience",
    title="LINE Audience",
    parameters=PARAMETERS,
    columns={"audience": ROWS.columns},
    build=build,
)
