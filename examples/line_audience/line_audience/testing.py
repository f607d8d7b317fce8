"""LINE's side, for tests.

What it does is what LINE's reference says of «Manage Audience», to where this package needs it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs

from td_line_connectors.testing import (
    Answer,
    FaultPlan,
    HttpFarSide,
    Request,
    RequestRefusedError,
    WireFault,
    json_answer,
    parse_form,
)

__all__ = ["LineAudienceEmulator", "UploadedAudience"]

GROUP: Final = "/v2/bot/audienceGroup"
USER_ID: Final = re.compile(r"U[0-9a-f]{32}")
MOST_IDS: Final = 1_500_000
MOST_JOBS_SHOWN: Final = 50
MOST_OPEN_JOBS: Final = 10
CALLS_A_MINUTE: Final = 60


class Operation(StrEnum):
    """What a call means; LINE counts the calls of each."""

    LIST = "list"
    SHOW = "show"
    CREATE = "create"
    ADD = "add"


@dataclass(slots=True)
class UploadedJob:
    """One upload.

    Attributes:
        id: its number.
        description: the text that came with it.
        ids: the user ids in it.
        done_at: epoch seconds at which it is done.
        fails: whether it ends in an error.
    """

    id: int
    description: str
    ids: Sequence[str]
    done_at: float
    fails: bool


@dataclass(slots=True)
class UploadedAudience:
    """One audience.

    Attributes:
        id: its number.
        name: LINE's `description`.
        type: `UPLOAD`, or how else it was made.
        permission: `READ_WRITE`, or `READ` where another channel owns it.
        is_ifa: whether it is made of advertising ids.
        jobs: the uploads.
    """

    id: int
    name: str
    type: str = "UPLOAD"
    permission: str = "READ_WRITE"
    is_ifa: bool = False
    jobs: list[UploadedJob] = field(default_factory=list)


class LineAudienceEmulator(HttpFarSide):
    """An account's audiences, on a loopback address.

    Attributes:
        token: the channel access token that it knows.
        held: the audiences, in the order in which they were made.
        unreachable: user ids that LINE counts nowhere: no friends, or people who did not accept its privacy policy.
        failing: whether the uploads that come end in an error.

    Args:
        now: gives epoch seconds.
        job_seconds: how long an upload takes.
        faults: which call fails, and how.
    """

    def __init__(
        self, *, now: Callable[[], float], job_seconds: float = 5.0, faults: FaultPlan | Iterable[WireFault] = ()
    ) -> None:
        super().__init__(faults=faults, now=now)
        self.token = "channel-access-token-of-a-test"  # noqa: S105 - opens nothing else
        self.held: list[UploadedAudience] = []
        self.unreachable: set[str] = set()
        self.failing = False
        self._seconds = job_seconds
        self._now = now
        self._calls_of: dict[Operation, list[float]] = {}

    def add(self, name: str, **known: object) -> UploadedAudience:
        """Let there be an audience already; `known` are attributes of `UploadedAudience`."""
        made = UploadedAudience(id=1_000_000_000_001 + len(self.held), name=name)
        for attribute, value in known.items():
            setattr(made, attribute, value)
        self.held.append(made)
        return made

    def user_ids(self, audience: UploadedAudience) -> list[str]:
        """Give the people whom an audience has by now, sorted."""
        done = [job for job in audience.jobs if job.done_at <= self._now() and not job.fails]
        return sorted({each for job in done for each in job.ids} - self.unreachable)

    def answer(self, request: Request) -> Answer:
        """Answer one call as LINE does."""
        operation = _operation(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise RequestRefusedError(401, "Authentication failed. Confirm that the access token is valid.")
        if operation is None:
            raise RequestRefusedError(404, "Not found")
        self._count(operation)
        if operation is Operation.LIST:
            return self._list(parse_qs(request.query))
        if operation is Operation.SHOW:
            return json_answer(200, self._whole(self._find(request.path.removeprefix(f"{GROUP}/"))))
        return self._take(operation, request)

    def _count(self, operation: Operation) -> None:
        now = self._now()
        recent = [each for each in self._calls_of.get(operation, []) if each > now - 60]
        self._calls_of[operation] = recent
        if len(recent) >= CALLS_A_MINUTE:
            raise RequestRefusedError(429, "The API rate limit has been exceeded. Try again later.")
        recent.append(now)

    def _list(self, query: Mapping[str, Sequence[str]]) -> Answer:
        page, size = int(query["page"][0]), min(int(query.get("size", ["20"])[0]), 40)
        sought = query.get("description", [""])[0].casefold()
        found = [each for each in self.held if sought in each.name.casefold()]
        shown = found[(page - 1) * size : page * size]
        document = {
            "audienceGroups": [self._shown(each) for each in shown],
            "hasNextPage": page * size < len(found),
            "totalCount": len(found),
            "page": page,
            "size": size,
        }
        return json_answer(200, document)

    def _take(self, operation: Operation, request: Request) -> Answer:
        form = parse_form(request.headers.get("content-type", ""), request.body)
        ids = form.files.get("file", b"").decode().split()
        if not all(USER_ID.fullmatch(each) for each in ids):
            raise _refused("UPLOAD_AUDIENCE_GROUP_INVALID_AUDIENCE_ID_FORMAT")
        if not 0 < len(ids) <= MOST_IDS:
            raise _refused("UPLOAD_AUDIENCE_GROUP_TOO_MANY_AUDIENCE_IDS" if ids else "UPLOAD_AUDIENCE_GROUP_NO_IDS")
        if operation is Operation.ADD:
            audience = self._find(form.fields.get("audienceGroupId", ""))
        else:
            audience = self.add(form.fields["description"])
        if sum(job.done_at > self._now() for job in audience.jobs) >= MOST_OPEN_JOBS:
            raise RequestRefusedError(429, "Too many concurrent operations on this audience")
        number = sum(len(each.jobs) for each in self.held) + 1
        description = form.fields.get("uploadDescription", "")
        audience.jobs.append(UploadedJob(number, description, ids, self._now() + self._seconds, self.failing))
        return Answer(202) if operation is Operation.ADD else json_answer(202, self._shown(audience))

    def _find(self, audience_id: str) -> UploadedAudience:
        for each in self.held:
            if str(each.id) == audience_id:
                return each
        raise _refused("AUDIENCE_GROUP_NOT_FOUND")

    def _whole(self, audience: UploadedAudience) -> Mapping[str, object]:
        jobs = [self._job(each) for each in reversed(audience.jobs)]
        return {"audienceGroup": self._shown(audience), "jobs": jobs[:MOST_JOBS_SHOWN]}

    def _shown(self, audience: UploadedAudience) -> Mapping[str, object]:
        first_done = not audience.jobs or audience.jobs[0].done_at <= self._now()
        failed = first_done and any(job.fails for job in audience.jobs[:1])
        return {
            "audienceGroupId": audience.id,
            "type": audience.type,
            "description": audience.name,
            "status": ("FAILED" if failed else "READY") if first_done else "IN_PROGRESS",
            "audienceCount": len(self.user_ids(audience)),
            "permission": audience.permission,
            "isIfaAudience": audience.is_ifa,
        }

    def _job(self, job: UploadedJob) -> Mapping[str, object]:
        done = job.done_at <= self._now()
        failed = done and job.fails
        return {
            "audienceGroupJobId": job.id,
            "description": job.description,
            "type": "DIFF_ADD",
            "jobStatus": ("FAILED" if failed else "FINISHED") if done else "WORKING",
            "failedType": "INTERNAL_ERROR" if failed else None,
            "audienceCount": len(set(job.ids) - self.unreachable) if done and not failed else 0,
        }

    def _refuse(self, refused: RequestRefusedError) -> Answer:
        return json_answer(refused.status, {"message": refused.detail, **(refused.details or {})})


def _operation(request: Request) -> Operation | None:
    known = {("POST", f"{GROUP}/upload/byFile"): Operation.CREATE, ("PUT", f"{GROUP}/upload/byFile"): Operation.ADD}
    if request.method == "GET" and re.fullmatch(rf"{GROUP}/([0-9]+|list)", request.path):
        return Operation.LIST if request.path.endswith("/list") else Operation.SHOW
    return known.get((request.method, request.path))


def _refused(code: str) -> RequestRefusedError:
    return RequestRefusedError(400, code.replace("_", " ").lower(), details={"details": [{"message": code}]})
