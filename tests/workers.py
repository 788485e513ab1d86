"""Each of pytest's worker processes has services of its own: they share the machine and nothing else.

Read before any setting is: scripts/test loads it as a plugin, after it started the services of every worker. A worker
takes a file as a whole, and one of them all that walks through the whole portal, which then starts once.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from scripts import services

WALKS = ("tests/browser/", "tests/faults/")

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    folder = Path(os.environ["AMPARO_SERVICES"]).with_name(worker)
    os.environ |= services.settings(folder, services.known(folder)) | {"AMPARO_SERVICES": str(folder)}


class ByFile(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return "portal" if nodeid.startswith(WALKS) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)
