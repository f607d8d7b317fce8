"""A FastAPI application that receives LINE's calls under `/line`, beside what else it does.

    PROJECT=/srv/line uvicorn --factory examples.hosts.fastapi_application:create --workers 1 --no-access-log

With `base_url: https://www.example.com/line` in td-line.yml, `td-line source create` prints the webhook URL to enter.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI

from td_line_connectors.server import receiving


def application(project: Path) -> FastAPI:
    """Make the application; the project's sources are received from its start to its stop."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with receiving(project) as receiver:
            app.mount("/line", receiver)
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def welcome() -> dict[str, str]:
        return {"shop": "open"}

    return app


def create() -> FastAPI:
    """Make the application of the project that the environment names."""
    return application(Path(os.environ["PROJECT"]))
