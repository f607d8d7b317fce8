"""A Flask application that receives LINE's calls under `/line`, beside what else it does.

    PROJECT=/srv/line gunicorn --workers 1 --threads 16 'examples.hosts.flask_application:create()'

Flask speaks WSGI and the receiver ASGI; `a2wsgi` stands between them, with an event loop of its own.
"""

import atexit
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from a2wsgi import ASGIMiddleware
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from td_line_connectors.server import receiving


@contextmanager
def application(project: Path) -> Iterator[Flask]:
    """Give the application; the project's sources are received for the length of the block."""
    app = Flask(__name__)

    @app.get("/")
    def welcome() -> dict[str, str]:
        return {"shop": "open"}

    with receiving(project) as receiver:
        mounted: Any = ASGIMiddleware(receiver)  # type: ignore[arg-type]  # a2wsgi's types name each kind of message
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/line": mounted})  # type: ignore[method-assign]  # Flask's way
        yield app


def create() -> Flask:
    """Make the application of the project that the environment names; what was accepted is stored at the exit."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(application(Path(os.environ["PROJECT"])))
