"""Each of pytest's worker processes has services of its own: they share the machine and nothing else.

Read before any setting is: scripts/test loads it as a plugin, after it started the services of every worker. A worker
takes a file as a whole, and one of them all that walks through the whole portal, which then starts once.
"""

import os
from pathlib import Path

import pytest

from scripts import services

WALKS = {"browser", "faults"}

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    folder = Path(os.environ["AMPARO_SERVICES"]).with_name(worker)
    os.environ |= services.settings(folder, services.known(folder)) | {"AMPARO_SERVICES": str(folder)}


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        group = "portal" if item.path.parent.name in WALKS else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))
