"""Each of pytest's worker processes has services of its own: they share the machine and nothing else.

Read before any setting is: scripts/test loads it as a plugin, after it started the services of every worker.
"""

import os
from pathlib import Path

from scripts import services

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    folder = Path(os.environ["AMPARO_SERVICES"]).with_name(worker)
    os.environ |= services.settings(folder, services.known(folder)) | {"AMPARO_SERVICES": str(folder)}
