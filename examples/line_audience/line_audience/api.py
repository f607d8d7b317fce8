"""LINE's own words, one method a call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from td_line_connectors.transport import HttpClient, Json, RetryPolicy, UnexpectedAnswerError, UploadedFile

__all__ = ["Audience", "AudienceApi", "Job"]

GROUP: Final = "/v2/bot/audienceGroup"
UPLOAD: Final = f"{GROUP}/upload/byFile"

PAGE: Final = 40
"""Audiences on a page; LINE gives no more."""

ONCE: Final = RetryPolicy(attempts=1)
"""For uploads: the engine itself tries them again, having looked whether the last one took effect."""


@dataclass(frozen=True, slots=True)
class Job:
    """One upload to an audience, as LINE lists it (`jobs[]`); the attributes are LINE's own.

    Attributes:
        description: the text that came with the upload.
        job_status: `QUEUED`, `WORKING`, `FINISHED` or `FAILED`.
        failed_type: why it failed; None where it did not.
        audience_count: people that it added; None where LINE does not say.
    """

    description: str
    job_status: str
    failed_type: str | None
    audience_count: int | None


@dataclass(frozen=True, slots=True)
class Audience:
    """An audience as LINE shows it; the attributes are LINE's own, its `description` being the name."""

    id: int
    description: str
    type: str
    status: str
    permission: str
    is_ifa_audience: bool
    audience_count: int | None
    jobs: Sequence[Job] = ()


class AudienceApi:
    """The calls of LINE's Messaging API («Manage Audience») that the export needs.

    Args:
        api: a client of `api.line.me`, with the channel's token.
        data: one of `api-data.line.me`, which takes files.
    """

    def __init__(self, api: HttpClient, data: HttpClient) -> None:
        self._api = api
        self._data = data

    def audiences(self, name: str) -> Iterator[Audience]:
        """Give the audiences whose names have `name` as a part, in any case, over all pages."""
        page, more = 0, True
        while more:
            page += 1
            query: Mapping[str, str | int] = {"page": page, "size": PAGE, "description": name}
            found, more = self._api.get_json(f"{GROUP}/list", query=query, read=_page)
            yield from found

    def audience(self, audience_id: int) -> Audience:
        """Ask for one audience, with its latest jobs: at most 50."""
        return self._api.get_json(f"{GROUP}/{audience_id}", read=_audience_with_jobs)

    def create(self, name: str, job: str, user_ids: bytes) -> int:
        """Make an audience of the people in a file, and give its id. One try; sent twice, it makes two.

        Args:
            name: the audience's.
            job: a text by which the upload is known afterwards, at most 300 characters.
            user_ids: a user id a line.

        Raises:
            UncertainError: if LINE may have made it.
        """
        fields = {"description": name, "isIfaAudience": "false", "uploadDescription": job}
        files = {"file": _file(user_ids)}
        return self._data.send_multipart(
            "POST", UPLOAD, fields=fields, files=files, repeatable=False, retry=ONCE, read=_new_id
        )

    def add(self, audience_id: int, job: str, user_ids: bytes) -> None:
        """Add the people in a file to an audience. One try; the arguments are those of `create`.

        Raises:
            UncertainError: if LINE may have added them.
        """
        fields = {"audienceGroupId": str(audience_id), "uploadDescription": job}
        self._data.send_multipart(
            "PUT", UPLOAD, fields=fields, files={"file": _file(user_ids)}, repeatable=False, retry=ONCE
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._api.close()
        self._data.close()


def _file(user_ids: bytes) -> UploadedFile:
    return UploadedFile("user_ids.txt", user_ids, "text/plain")


def _object(answer: Json) -> dict[str, Json]:
    if not isinstance(answer, dict):
        raise UnexpectedAnswerError("an object")
    return answer


def _list(answer: Mapping[str, Json], name: str) -> Sequence[Json]:
    value = answer.get(name)
    if not isinstance(value, list):
        raise UnexpectedAnswerError(f"a list in `{name}`")
    return value


def _text(answer: Mapping[str, Json], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str):
        raise UnexpectedAnswerError(f"a text in `{name}`")
    return value


def _number(answer: Mapping[str, Json], name: str) -> int | None:
    value = answer.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _new_id(answer: Json) -> int:
    audience_id = _number(_object(answer), "audienceGroupId")
    if audience_id is None:
        raise UnexpectedAnswerError("a whole number in `audienceGroupId`")
    return audience_id


def _page(answer: Json) -> tuple[list[Audience], bool]:
    page = _object(answer)
    return [_audience(each, ()) for each in _list(page, "audienceGroups")], page.get("hasNextPage") is True


def _audience_with_jobs(answer: Json) -> Audience:
    whole = _object(answer)
    return _audience(whole.get("audienceGroup"), [_job(each) for each in _list(whole, "jobs")])


def _audience(answer: Json, jobs: Sequence[Job]) -> Audience:
    group = _object(answer)
    return Audience(
        id=_new_id(group),
        description=_text(group, "description"),
        type=_text(group, "type"),
        status=_text(group, "status"),
        permission=_text(group, "permission"),
        is_ifa_audience=group.get("isIfaAudience") is True,
        audience_count=_number(group, "audienceCount"),
        jobs=jobs,
    )


def _job(answer: Json) -> Job:
    job = _object(answer)
    failed = job.get("failedType")
    return Job(
        description=_text(job, "description"),
        job_status=_text(job, "jobStatus"),
        failed_type=failed if isinstance(failed, str) else None,
        audience_count=_number(job, "audienceCount"),
    )
