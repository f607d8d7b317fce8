"""A job as its documents tell of it.

The members are those of the published OpenAPI description, the words in `debug` those of an answer in td-client's own
tests.
"""

import json
import time
from typing import Any

from td_line_connectors.testing.treasure_data.answers import timestamp
from td_line_connectors.testing.treasure_data.jobs import Job

__all__ = ["job_document", "status_document"]


def status_document(job: Job, now: float) -> dict[str, Any]:
    """Tell how far a job is at a moment."""
    status = job.status(now)
    waiting, done = status == "queued", status not in {"queued", "running"}
    result = job.result if status == "success" else None
    return {
        "job_id": str(job.id),
        "status": status,
        "created_at": timestamp(job.created_at),
        "updated_at": timestamp(min(now, job.end_at())),
        "start_at": "" if waiting else timestamp(job.start_at()),
        "end_at": timestamp(job.end_at()) if done else "",
        "duration": int(job.end_at() - job.created_at) if done else None,
        "cpu_time": None,
        "num_records": result.count if result else None,
        "result_size": result.size if result else None,
    }


def job_document(job: Job, now: float, *, debug: bool) -> dict[str, Any]:
    """Tell all of a job at a moment.

    Args:
        job: the job.
        now: epoch seconds.
        debug: with the engine's own words.
    """
    document = status_document(job, now) | {
        "type": job.engine,
        "database": job.database,
        "query": job.query,
        "priority": job.priority,
        "retry_limit": 0,
        "hive_result_schema": None,
        "result": "",
        "url": f"https://console.example/app/jobs/{job.id}",
        "user_name": "emulated",
        "organization": None,
        "linked_result_export_job_id": None,
        "result_export_target_job_id": None,
    }
    if document["status"] == "success" and job.result:
        document["hive_result_schema"] = json.dumps(job.result.schema)
    return document | ({"debug": _debug(job, now)} if debug else {})


def _debug(job: Job, now: float) -> dict[str, str | None]:
    status = job.status(now)
    if status == "queued":
        return {"cmdout": None, "stderr": None}
    lines = [f"started at {_moment(job.start_at())}", f"executing query: {job.query}"]
    if status in {"success", "error"}:
        lines.append(f"finished at {_moment(job.done_at)}")
    stderr = f"Query {job.id} failed: {job.error}\n" if status == "error" else None
    return {"cmdout": "\n".join([*lines, ""]), "stderr": stderr}


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
