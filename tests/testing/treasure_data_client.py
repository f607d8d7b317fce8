"""Callers of the emulated Treasure Data: a plain one, and the official client."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any, Self

import msgpack
from tdclient.client import Client
from tdclient.job_model import Job

from td_line_connectors.testing import TreasureDataEmulator
from tests.testing.maac_client import Got

DATABASE, TABLE = "line_oa", "events"
INGEST = f"/{DATABASE}/{TABLE}"
BATCH = "application/vnd.treasuredata.v1+json"
SINGLE = "application/vnd.treasuredata.v1.single+json"
NOON = 1_700_000_000


def official(emulator: TreasureDataEmulator, key: str | None = None) -> Client:
    """The official client, which tries each call once: its own waits are 5 s and longer."""
    return Client(apikey=key or emulator.api_key, endpoint=emulator.url, max_cumul_retry_delay=-1)


def found(job: Job) -> list[Any]:
    """The rows of a job, which are arrays, whatever the official client's types say."""
    return list(job.result())


def packed(*records: Mapping[Any, Any]) -> bytes:
    return gzip.compress(b"".join(map(msgpack.packb, records)))


def import_path(unique_id: str | None = None, table: str = TABLE) -> str:
    middle = f"import/{DATABASE}/{table}" if unique_id is None else f"import_with_id/{DATABASE}/{table}/{unique_id}"
    return f"/v3/table/{middle}/msgpack.gz"


@dataclass
class PlainClient:
    """One keep-alive connection to an emulator."""

    emulator: TreasureDataEmulator
    key: str
    timeout: float = 10.0
    connection: HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        host, _, port = self.emulator.url.removeprefix("http://").rpartition(":")
        self.connection = HTTPConnection(host, int(port), timeout=self.timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Got:
        fields = {"Authorization": f"TD1 {self.key}"} | {name.replace("_", "-"): each for name, each in headers.items()}
        try:
            self.connection.request(method, path, body, fields)
            answer = self.connection.getresponse()
            return Got(answer.status, answer.read(), {name.lower(): value for name, value in answer.getheaders()})
        except BaseException:
            self.connection.close()
            raise

    def ingest(self, *records: Any, path: str = INGEST) -> Got:
        return self.call("POST", path, json.dumps({"events": records}).encode(), Content_Type=BATCH)

    def put(self, body: bytes, unique_id: str | None = None, table: str = TABLE) -> Got:
        return self.call("PUT", import_path(unique_id, table), body)


def errors(got: Got) -> Sequence[str | None]:
    """The name of each receipt's error; None: the record was taken."""
    return [receipt["error"]["name"] if "error" in receipt else None for receipt in got.json["receipts"]]
