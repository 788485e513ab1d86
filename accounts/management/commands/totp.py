import json
from time import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

PERIOD = 30


class Command(BaseCommand):
    help = "The current and the next authenticator-app code of a demo person, as one line of JSON. Loopback only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.LOOPBACK:
            raise CommandError("Codes are told only where PUBLIC_URL is loopback.")
        found = Authenticator.objects.filter(user__email=options["email"].strip().lower(), type=Authenticator.Type.TOTP)
        factor = found.first()
        if factor is None:
            raise CommandError(f"{options['email']} has no authenticator app.")
        secret, now = decrypt(factor.data["secret"]), time()
        code, following = (format_hotp_value(hotp_value(secret, int(now) // PERIOD + step)) for step in (0, 1))
        self.stdout.write(json.dumps({"code": code, "next": following, "seconds": PERIOD - int(now) % PERIOD}))
