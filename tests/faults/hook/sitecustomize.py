"""Every Python process that is started with this folder in PYTHONPATH can be killed at a point of the portal's code."""

import sys

from tests.faults.dying import WhenLoaded

sys.meta_path.insert(0, WhenLoaded("portal.wsgi"))
