"""Reading the catalogue of translations, and finding the templates that clients open."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
# Templates that only the legal team or the administrator opens. In these folders, whatever is not named is a client's.
STAFF_ACCOUNTS: Final = {
    "add_totp", "change_password", "choose_factor", "confirm", "firm", "people", "recovery_codes", "second_factor",
}  # fmt: skip
STAFF_MAIL: Final = {"invited_staff", "password_changed", "use_password"}
STAFF_PARTS: Final = {"documents/_matter_head.html"}  # on shared pages, but only for people who work here
TITLE: Final = re.compile(r"{% block title %}(.*?){% endblock", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a catalogue. `places`: the files it comes from, when the catalogue names them."""

    english: tuple[str, ...]  # singular, then plural if there is one
    spanish: tuple[str, ...]
    flags: str
    places: frozenset[str]


def read(catalogue: Path) -> list[Entry]:
    """A PO file without its header; obsolete entries are read as fuzzy ones."""
    blocks = catalogue.read_text().strip().split("\n\n")
    return [entry for block in blocks if (entry := _entry(block)).english != ("",)]


def _entry(block: str) -> Entry:
    lines = [re.sub(r"^#~ ?", "", line) for line in block.splitlines()]
    texts: dict[str, str] = {}
    key = ""
    for line in lines:
        if found := re.match(r'(msg\w+(?:\[\d\])?) (".*")$', line):
            key, line = found.groups()
        if line.startswith('"'):
            texts[key] = texts.get(key, "") + ast.literal_eval(line)
    places = [place for line in lines if line.startswith("#: ") for place in line[3:].split()]
    flags = " ".join(line for line in lines if line.startswith("#,")) + ("fuzzy" if "#~ " in block else "")
    return Entry(
        tuple(texts[key] for key in ("msgid", "msgid_plural") if key in texts),
        tuple(text for key, text in texts.items() if key.startswith("msgstr")),
        flags,
        frozenset(places),
    )


def client_templates() -> set[str]:
    """The pages and mails that clients open, with every part they include or extend."""
    pages = [*TEMPLATES.glob("*.html"), *TEMPLATES.glob("documents/client_*.html")]
    pages += [page for page in TEMPLATES.glob("accounts/[!_]*.html") if page.stem not in STAFF_ACCOUNTS]
    pages += [mail for mail in TEMPLATES.glob("mail/*") if mail.stem not in STAFF_MAIL]
    found: set[str] = set()
    names = [str(page.relative_to(TEMPLATES)) for page in pages] + ["documents/send.html", "documents/receipt.html"]
    while names:
        if (name := names.pop()) not in found | STAFF_PARTS:
            found.add(name)
            names += re.findall(r'{% (?:include|extends) "([^"]+)"', (TEMPLATES / name).read_text())
    return found


def spoken(template: Path) -> str:
    """What a template says by itself: no tags, no variables, no markup; messages stay."""
    text = re.sub(r"{#.*?#}|{{.*?}}|<(script|style).*?</\1>|<[^>]*>", " ", template.read_text(), flags=re.DOTALL)
    text = re.sub(r"""{% translate (["'])(.*?)\1.*?%}""", r"\2", text)
    return re.sub(r"{%.*?%}", " ", text, flags=re.DOTALL)


def titles() -> list[str]:
    return [title for page in TEMPLATES.rglob("*.html") for title in TITLE.findall(page.read_text())]
