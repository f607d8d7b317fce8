"""The calls about jobs.

Unpublished, and chosen here: an engine or database that is not there is 404, a query that is blank or too long 400,
and so is a result that is asked for too early, or of a job that failed.
"""

import re
from typing import Final
from urllib.parse import parse_qs

from td_line_connectors.testing.emulation.answers import Answer, Request, RequestRefusedError, Stream, json_answer
from td_line_connectors.testing.emulation.forms import parse_form
from td_line_connectors.testing.treasure_data.account import Account
from td_line_connectors.testing.treasure_data.admitted import AdmittedCall
from td_line_connectors.testing.treasure_data.answers import not_found
from td_line_connectors.testing.treasure_data.job_documents import job_document, status_document
from td_line_connectors.testing.treasure_data.jobs import ENGINES, Job
from td_line_connectors.testing.treasure_data.results import Result
from td_line_connectors.testing.treasure_data.running import run_job

__all__ = ["job_issue", "job_kill", "job_list", "job_result", "job_show", "job_status"]

_RANGE: Final = re.compile("bytes=([0-9]{1,18})-([0-9]{1,18})?")
_PRIORITY: Final = re.compile("-?[0-2]")
_LISTED: Final = 20
"""How many jobs are listed if the caller does not say."""


def job_issue(account: Account, call: AdmittedCall) -> Answer:
    """Issue a job; 409 with the first one's number where the domain key was there before."""
    engine, database = call.parts
    if engine not in ENGINES or database not in account.tables.databases:
        raise not_found("the engine or the database")
    fields = _fields(call.request)
    query, domain_key = fields.get("query", ""), fields.get("domain_key") or None
    if not query.strip() or len(query) > ENGINES[engine]:
        raise RequestRefusedError(400, f"query: 1 to {ENGINES[engine]} characters")
    priority = fields.get("priority") or "0"
    if not _PRIORITY.fullmatch(priority):
        raise RequestRefusedError(400, "priority: -2 to 2")

    def run(number: int) -> Job:
        now = account.now()
        job = Job(
            number, engine, database, query, domain_key, int(priority), now, now + account.scaled(account.job_seconds)
        )
        run_job(account, call, job)
        return job

    job, new = account.jobs.issue(domain_key, run)
    if not new:
        message = "Domain key has already been taken"
        raise RequestRefusedError(409, message, details={"conflicts_with": str(job.id)})
    return json_answer(200, {"job": str(job.id), "job_id": str(job.id), "database": database})


def _fields(request: Request) -> dict[str, str]:
    """Read the fields of a form: td-client for Python sends multipart, the other clients do not."""
    media_type = request.headers.get("content-type", "")
    if media_type.lower().startswith("multipart/"):
        return parse_form(media_type, request.body).fields
    try:
        fields = parse_qs(request.body.decode(), strict_parsing=bool(request.body))
    except ValueError as error:
        raise RequestRefusedError(400, "the body must be a form in UTF-8") from error
    return {name: values[-1] for name, values in fields.items()}


def job_status(account: Account, call: AdmittedCall) -> Answer:
    """Tell how far a job is."""
    return json_answer(200, status_document(_find_job(account, call), account.now()))


def job_show(account: Account, call: AdmittedCall) -> Answer:
    """Tell all of a job, the engine's own words with it."""
    return json_answer(200, job_document(_find_job(account, call), account.now(), debug=True))


def job_list(account: Account, call: AdmittedCall) -> Answer:
    """List jobs, the newest first: those from the place `from` to the place `to`, and of the status `status`."""
    query = {name: values[-1] for name, values in parse_qs(call.request.query).items()}
    try:
        first = int(query.get("from", "0"))
        last = int(query.get("to", first + _LISTED - 1))
    except ValueError as error:
        raise RequestRefusedError(400, "from, to: must be numbers") from error
    now, status = account.now(), query.get("status")
    jobs = [job for job in reversed(account.jobs.jobs) if status in {None, job.status(now)}][first : last + 1]
    documents = [job_document(job, now, debug=False) for job in jobs]
    return json_answer(200, {"jobs": documents, "count": len(documents), "from": first, "to": last})


def job_kill(account: Account, call: AdmittedCall) -> Answer:
    """End a job that is not done."""
    job = _find_job(account, call)
    now = account.now()
    former = job.status(now)
    if former in {"queued", "running"}:
        job.killed_at = now
    return json_answer(200, {"job_id": str(job.id), "former_status": former})


def job_result(account: Account, call: AdmittedCall) -> Answer:
    """Give what a job found, in the formats `msgpack.gz` (also a range of its bytes), `msgpack` and `json`."""
    job = _find_job(account, call)
    status = job.status(account.now())
    if status != "success" or job.result is None:
        raise RequestRefusedError(400, f"the job has no result: its status is {status}")
    match parse_qs(call.request.query).get("format", ["json"])[-1]:
        case "msgpack.gz":
            return _packed(job.result, call.request.headers.get("range", ""))
        case "msgpack":
            return Answer(200, Stream(job.result.plain_size, job.result.plain), "application/octet-stream")
        case "json":
            return Answer(200, job.result.json_lines())
        case _:
            raise RequestRefusedError(400, "format: msgpack.gz, msgpack or json")


def _packed(result: Result, wish: str) -> Answer:
    found = _RANGE.fullmatch(wish)
    if found is None:
        return Answer(200, Stream(result.size, result.packed), "application/gzip", {"Accept-Ranges": "bytes"})
    start = int(found[1])
    until = min(result.size, int(found[2]) + 1) if found[2] else result.size
    if start >= until:
        raise RequestRefusedError(416, "no such range", {"Content-Range": f"bytes */{result.size}"})
    headers = {"Content-Range": f"bytes {start}-{until - 1}/{result.size}"}
    return Answer(206, Stream(until - start, lambda: result.packed(start, until)), "application/gzip", headers)


def _find_job(account: Account, call: AdmittedCall) -> Job:
    job = account.jobs.find(call.parts[0])
    if job is None:
        raise not_found("the job")
    return job
