"""What becomes of a query?"""

from math import inf

from td_line_connectors.testing.emulation.faults import FaultKind
from td_line_connectors.testing.treasure_data.account import Account
from td_line_connectors.testing.treasure_data.admitted import AdmittedCall
from td_line_connectors.testing.treasure_data.jobs import Job
from td_line_connectors.testing.treasure_data.queries import QueryFailedError, run_sql
from td_line_connectors.testing.treasure_data.results import write_result

__all__ = ["plain_sql", "run_job"]


def plain_sql(sql: str) -> str:
    """Give SQL as it is looked for among the results told beforehand: white space says nothing."""
    return " ".join(sql.split()).removesuffix(";").rstrip()


def run_job(account: Account, call: AdmittedCall, job: Job) -> None:
    """Run a job's query to its end, and set the moment from which it shows that.

    The query is run at once and the job keeps the result back until it is done, so that every run of a test sees the
    same.

    Args:
        account: whose tables are read.
        call: the call that issued it, whose faults may mean it.
        job: what to run.
    """
    stuck, failing = call.fault(FaultKind.STUCK), call.fault(FaultKind.JOB_ERROR)
    if stuck:
        job.done_at = inf if stuck.seconds is None else job.created_at + account.scaled(stuck.seconds)
    if failing:
        job.error = failing.message
        return
    told = account.told.get(plain_sql(job.query))
    try:
        found = told() if told else run_sql(job.query, job.database, account.tables)
        job.result = write_result(account.result_file(job.id), found)
    except QueryFailedError as error:
        job.error = str(error)
