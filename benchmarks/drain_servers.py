"""The processes that drain.py measures.

    python benchmarks/drain_servers.py far-side
    python benchmarks/drain_servers.py receiver|receiver+drain FOLDER

The port is printed when it listens. FOLDER is a project, as drain.py makes it.
"""

import logging
import os
import re
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from td_line_connectors.cli.drain import drain_command
from td_line_connectors.plugins import default_registry
from td_line_connectors.project.project import read_project
from td_line_connectors.server.call_log import CallLog
from td_line_connectors.server.hosting import hosting

RECEIPTS = b'{"receipts":[' + b",".join([b'{"success":true}'] * 500) + b"]}"
YES = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(RECEIPTS), RECEIPTS)
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def say_yes(connection: socket.socket) -> None:
    """Read requests and take everything, without a look at it."""
    with connection, connection.makefile("rb") as lines:
        while head := lines.readline():
            length = 0
            while (line := lines.readline()).strip():
                if matched := LENGTH.match(line):
                    length = int(matched[1])
            lines.read(length)
            connection.sendall(YES)
            assert head


def far_side() -> None:
    """Be a Treasure Data that costs next to nothing, and gives way to everybody: the real one is elsewhere."""
    os.nice(19)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=say_yes, args=(connection,), daemon=True).start()


def receiver(folder: Path, *, with_drain: bool) -> None:
    """Serve a project as `td-line serve` does, with its log in a file."""
    project = read_project(folder)
    drain = drain_command(project, "text", os.getpid()) if with_drain else ()
    with (
        (folder / "calls.log").open("w") as log,
        hosting(project, default_registry(), CallLog(log.write), port=0, drain=drain) as server,
    ):
        server.run(lambda: print(urlsplit(server.url).port, flush=True))


def main() -> None:
    """Play the role that the arguments name."""
    role = sys.argv[1]
    logging.disable()
    with suppress(KeyboardInterrupt):
        if role == "far-side":
            far_side()
        else:
            receiver(Path(sys.argv[2]), with_drain=role == "receiver+drain")


if __name__ == "__main__":
    main()
