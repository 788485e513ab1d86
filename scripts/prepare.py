"""Bring the database up to date and make the demo firm, in one start of Django; prints the demo sign-ins."""

import django
from django.core.management import call_command

django.setup()
call_command("migrate", database="owner", verbosity=0)
call_command("seed")
