"""Rows become an audience."""

import hashlib
import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from line_audience.api import Audience, AudienceApi, Job
from line_audience.settings import AudienceConfig
from td_line_connectors import ConfigError, validators
from td_line_connectors.errors import TaskTimeoutError
from td_line_connectors.schema import Column, RowSchema
from td_line_connectors.spi import Limits, Outcome, OutputConnector, Refusal, Runtime, SegmentSummary, Ticket, poll

__all__ = ["ROWS", "AudienceOutput"]

LINES: Final = 300_000
"""User ids in one file. LINE takes 1,500,000; fewer cost less memory, and less to send again."""

LINE_BYTES: Final = 34
"""Bytes of a user id and its line end."""

UPLOADS_PER_MINUTE: Final = 60
"""For each channel (LINE, «Rate limits», audiences)."""

SIGN: Final = "td-line "
"""What our uploads' descriptions begin with."""


class AudienceMember(NamedTuple):
    """One person of an audience."""

    line_uid: str


ROWS: Final = RowSchema(
    into=AudienceMember,
    columns=(
        Column(
            name="line_uid",
            validate=validators.line_uid,
            help="The person's LINE user id at this account: `U` and 32 lower-case hexadecimal digits. Sent as is.",
            required=True,
        ),
    ),
)


class AudienceOutput(OutputConnector[AudienceMember]):
    """Uploads of user ids: a first one that makes the audience, further ones that add to it.

    Every upload carries a digest of its content as its description, which LINE gives back with the audience's jobs.
    By it an upload that ended unclearly is found again, in this process or in a later one.

    Args:
        config: typed settings.
        api: LINE's calls.
        account: the channel's name for the quota.
        runtime: clock and sleep.
    """

    name = "line_audience"
    data_object = "audience"
    rows = ROWS
    limits = Limits(rows=LINES, bytes=LINES * LINE_BYTES, minimum=1, per_minute=UPLOADS_PER_MINUTE)
    repeatable = False  # a creation sent twice makes two audiences

    def __init__(self, config: AudienceConfig, api: AudienceApi, account: str, runtime: Runtime) -> None:
        self.account = account
        self.skip_invalid = config.skip_invalid_records
        self._config = config
        self._api = api
        self._runtime = runtime
        self._is_prepared = False
        self._audience_id: int | None = None

    def key(self, record: AudienceMember) -> str:
        """Give the user id."""
        return record.line_uid

    def encode(self, records: Sequence[AudienceMember]) -> bytes:
        """Give LINE's text file: a user id a line."""
        return "".join(f"{record.line_uid}\n" for record in records).encode()

    def prepare(self) -> SegmentSummary:
        """Look for audiences of this name, and judge whether the settings allow what would be done.

        Returns:
            the audience that would be added to; one without an id where one would be made.

        Raises:
            ConfigError: if it exists and may not be added to, or cannot be, or is not one.
        """
        found = self._namesakes()
        if found and not self._config.add_to_existing:
            raise _exists(found)
        self._choose(found)
        return _summary(found[0]) if found else SegmentSummary(None, self._config.audience_name)

    def submit(self, body: bytes) -> Ticket:
        """Upload one file."""
        if not self._is_prepared:
            self._choose(self._ours())
        job = _job_name(body)
        if self._audience_id is None:
            self._audience_id = self._api.create(self._config.audience_name, job, body)
        else:
            self._api.add(self._audience_id, job, body)
        return _ticket(self._audience_id, body)

    def find(self, body: bytes) -> Ticket | None:
        """Look for an upload of this file among the jobs of the audiences of this name."""
        name = _job_name(body)
        for each in self._namesakes():
            if _find_job(self._api.audience(each.id), name):
                self._choose([each])
                return _ticket(each.id, body)
        self._is_prepared = False  # the next upload looks anew at what is there
        return None

    def settle(self, ticket: Ticket) -> Outcome:
        """Wait until LINE has done an upload's job; every row of a file that it took is written.

        Raises:
            TaskTimeoutError: if LINE has not finished within `task_timeout`.
        """
        accepted = json.loads(ticket)
        audience_id, name, rows = int(accepted["audience"]), str(accepted["job"]), int(accepted["rows"])
        audience = poll(
            lambda: self._api.audience(audience_id),
            lambda answer: _is_done(answer, _find_job(answer, name)),
            interval=self._config.poll_interval,
            within=self._config.task_timeout,
            runtime=self._runtime,
        )
        if audience is None:
            waited = f"{self._config.task_timeout:g} s"
            message = f"waiting for audience {audience_id}: LINE had not finished after {waited}; resume the run later"
            raise TaskTimeoutError(message)
        return _outcome(audience, _find_job(audience, name), rows)

    def check(self) -> None:
        """Try the token with the cheapest call there is."""
        next(self._api.audiences(self._config.audience_name), None)

    def close(self) -> None:
        """Let go of the connections."""
        self._api.close()

    def _namesakes(self) -> list[Audience]:
        """Give the audiences of this name, in any case, as LINE compares them."""
        name = self._config.audience_name
        return [each for each in self._api.audiences(name) if each.description.casefold() == name.casefold()]

    def _ours(self) -> list[Audience]:
        """Give what a run that is under way may add to.

        Where the audience must be a new one, there was none of this name when the run was prepared; one that has an
        upload of ours is the run's own.
        """
        found = self._namesakes()
        whole = [] if self._config.add_to_existing else [self._api.audience(each.id) for each in found]
        if any(not any(job.description.startswith(SIGN) for job in each.jobs) for each in whole):
            raise _exists(found)
        return found

    def _choose(self, found: Sequence[Audience]) -> None:
        """Choose the audience to add to; none where one must be made."""
        if len(found) > 1:
            ids = ", ".join(str(each.id) for each in found)
            message = f"{len(found)} audiences have this name (ids {ids}): rename or delete all but one"
            raise ConfigError.of("audience_name", "ambiguous_audience", message)
        if found and (why := _why_closed(found[0])):
            message = f"nobody can be added to the audience of this name (id {found[0].id}), {why}: choose another name"
            raise ConfigError.of("audience_name", "closed_audience", message)
        self._is_prepared = True
        self._audience_id = found[0].id if found else None


def _exists(found: Sequence[Audience]) -> ConfigError:
    ids = ", ".join(str(each.id) for each in found)
    message = f"the audience exists already (id {ids}): choose another name, or set `add_to_existing: true`"
    return ConfigError.of("audience_name", "audience_exists", message)


def _why_closed(audience: Audience) -> str | None:
    """Say why user ids cannot be added to an audience; None where they can."""
    if audience.type != "UPLOAD":
        return "which is not made of uploaded ids"
    if audience.is_ifa_audience:
        return "which is made of advertising ids"
    if audience.permission != "READ_WRITE":
        return "which belongs to another channel"
    return "which has expired" if audience.status == "EXPIRED" else None


def _job_name(body: bytes) -> str:
    """Name an upload by its content, betraying nobody."""
    return SIGN + hashlib.sha256(body).hexdigest()


def _ticket(audience_id: int, body: bytes) -> Ticket:
    return json.dumps({"audience": audience_id, "job": _job_name(body), "rows": body.count(b"\n")})


def _find_job(audience: Audience, name: str) -> Job | None:
    """Find an upload; None where LINE lists it no longer, because 50 have come after it."""
    return next((job for job in audience.jobs if job.description == name), None)


def _is_done(audience: Audience, job: Job | None) -> bool:
    is_open = job is not None and job.job_status in {"QUEUED", "WORKING"}
    return not is_open and audience.status != "IN_PROGRESS"


def _outcome(audience: Audience, job: Job | None, rows: int) -> Outcome:
    """Read what became of an upload."""
    if audience.status == "FAILED" or (job and job.job_status == "FAILED"):
        code = (job.failed_type if job else None) or "FAILED"
        return Outcome(refused=Refusal(code, f"LINE could not add the people of this upload: {code}"))
    counted = job.audience_count if job else None
    warnings = []
    if counted is not None and counted < rows:
        told = f"LINE counted {counted} of {rows} ids as added"
        warnings = [f"{told}; the others were there already, or are of people whom it cannot message"]
    return Outcome(written=rows, segment=_summary(audience), warnings=warnings)


def _summary(audience: Audience) -> SegmentSummary:
    return SegmentSummary(audience.id, audience.description, audience.audience_count)
