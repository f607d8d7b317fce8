"""What does this host give a run?"""

import os
from dataclasses import replace

from td_line_connectors.project.project import Project
from td_line_connectors.spi import Runtime
from td_line_connectors.storage.quota_folder import QuotaFolder, user_quota_folder

__all__ = ["outside"]


def outside(project: Project, run_id: str, runtime: Runtime | None = None) -> Runtime:
    """Give the outside world of a run, which makes itself known to those who wait for it.

    Args:
        project: whose run it is.
        run_id: the run's name.
        runtime: the outside world; None for the real one, whose quota is shared by all processes of this user.

    Raises:
        ConfigError: if it is not known where this user's processes may share something.
    """
    runtime = runtime or Runtime(quota=QuotaFolder(user_quota_folder(os.environ)))
    holder = f"run {run_id} of project {project.folder.resolve().name} (process {os.getpid()})"
    return replace(runtime, holder=holder)
