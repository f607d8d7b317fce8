"""What does a server need of the system?"""

import resource
import socket
from typing import Final

from td_line_connectors.errors import ConfigError

__all__ = ["BACKLOG", "allow_files", "listen"]

BACKLOG: Final = 2048
"""Connections that wait to be accepted."""

SPARE_FILES: Final = 1000
"""Open files beside connections: databases, the log, connections that are being refused."""


def listen(host: str, port: int) -> socket.socket:
    """Take an address: connections wait in its queue until it is served.

    Args:
        host: a name or address, of IPv4 or IPv6.
        port: 0 takes a free one.

    Raises:
        ConfigError: the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _no_address(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _no_address(host, port, error) from error
    return listener


def _no_address(host: str, port: int, error: OSError) -> ConfigError:
    reason = error.strerror or "no such address"
    return ConfigError.of("port", "address", f"listening on {host}:{port}: {reason}; choose another host or port")


def allow_files(connections: int) -> None:
    """Let this process have as many open files as it needs for so many connections, if the system lets it."""
    wanted = connections + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
