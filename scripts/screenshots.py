"""scripts/screenshots OUT [WORD…]: a picture of every page × phone and desk × English and Spanish, to be looked at.

Starts the whole portal on services of its own, walks the journey of the browser tests so that there is something on
each page, and writes OUT/<language>-<size>-<page>.png. With words, only of pages whose name has one of them.
"""

import argparse
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import django
from playwright.sync_api import Browser, sync_playwright

from scripts import services
from tests.browser.chrome import launched, window
from tests.browser.places import PLACES, Place, arrive, facts, speak
from tests.browser.walk import walk
from tests.stack import Stack

SIZES = {"phone": True, "desk": False}


def pictures(stack: Stack, chromium: Browser, out: Path, places: list[Place]) -> None:
    known = facts(stack, walk(stack, chromium, out))
    for language in ("en", "es"):
        speak(stack, language)
        for size, phone in SIZES.items():
            for place in places:
                with window(chromium, stack, place.who, phone=phone, language=language) as context:
                    page = context.new_page()
                    arrive(page, place, known)
                    page.wait_for_load_state("networkidle")
                    page.screenshot(path=out / f"{language}-{size}-{place.name}.png", full_page=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("words", nargs="*")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    wanted = [place for place in PLACES if not asked.words or any(word in place.name for word in asked.words)]
    folder = Path(tempfile.mkdtemp(prefix="amparo-stack-"))
    with ExitStack() as open_:
        open_.callback(services.stop, folder)
        stack = Stack(folder)
        open_.callback(stack.stop)
        os.environ |= {**stack.settings, "DJANGO_SETTINGS_MODULE": "portal.settings"}
        django.setup()
        stack.start()
        pictures(stack, open_.enter_context(launched(open_.enter_context(sync_playwright()))), asked.out, wanted)


if __name__ == "__main__":
    main()
