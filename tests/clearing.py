"""Before a release on the whole stack: what people state, note and agree to is done by a program beside it."""

import os
import subprocess
import sys

from scripts import run
from tests.stack import Stack

DO = """
import sys, django
django.setup()
from accounts.models import User
from documents.models import Packet
from tests import releasable
packet = Packet.objects.select_related("request__matter").get(pk=sys.argv[1])
releasable.cleared(packet, User.objects.get(email=sys.argv[2]))
"""


def clear(stack: Stack, packet: str, attorney: str) -> None:
    """This bound packet (its id) waits for nothing but its release by the attorney (an e-mail)."""
    env = {**os.environ, **stack.worker_settings, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = subprocess.run(
        [sys.executable, "-c", DO, packet, attorney], cwd=run.ROOT, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
