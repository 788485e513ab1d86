"""House rules are tests, not memory: which way imports point, and where each power lives."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = ["portal", "accounts", "documents"]
# Whoever stands further left may import what stands further right, never the other way round.
LAYERS = [
    ["documents.urls"],
    ["documents.views", "documents.management"],
    ["documents.forms"],
    ["documents.tasks"],
    ["documents.custody", "documents.purging", "documents.verifying", "documents.watching"],
    ["documents.delivery", "documents.intake", "documents.packets", "documents.tagging", "documents.matters",
     "documents.history", "documents.offices", "documents.arranging", "documents.redacting", "documents.checklist",
     "documents.coming",
     "documents.presets", "documents.receipts",
     "documents.reading", "documents.searching", "documents.filing", "documents.life", "documents.rerequesting",
     "documents.undoing", "documents.messages", "documents.reminders", "documents.particulars",
     "documents.deeds", "documents.likewise", "documents.presence", "documents.suggesting",
     "documents.agreeing", "documents.snippets", "documents.arrests", "documents.options", "documents.outcome",
     "documents.harm", "documents.lifting", "documents.compartments", "documents.prompts",
     "documents.pairing", "documents.likeness", "documents.noting", "documents.inbox", "documents.waiting"],
    ["documents.lifecycle", "documents.gate"],
    ["documents.alarms", "documents.looks"],
    ["documents.access"],
    ["documents.questions"],
    ["documents.models"],
    ["documents.words", "documents.blind", "documents.languages"],
    ["documents.vault"],
    ["documents.scanning", "documents.preparing", "documents.queue"],
]
# The packet as a pure function: no rows, no settings, no clock.
PURE = [
    "argued", "bind", "binder", "caged", "compare", "contents", "finding", "generated", "letter", "numbers", "pages",
    "partfile", "plain", "plan", "printready", "profiles", "prove", "recheck", "shape", "sights", "stamp", "typeset",
]  # fmt: skip
EDGES = ["documents/vault", "documents/scanning", "documents/preparing", *(f"documents/packets/{n}.py" for n in PURE)]


def sources(*folders: str) -> list[Path]:
    places = [ROOT / folder for folder in folders]
    found = [path for place in places for path in ([place] if place.suffix == ".py" else place.rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer(name: str) -> int | None:
    places = [place for place, names in enumerate(LAYERS) if any(name == n or name.startswith(f"{n}.") for n in names)]
    return places[0] if places else None


@pytest.mark.parametrize("path", sources("documents"), ids=module)
def test_imports_point_one_way(path: Path) -> None:
    here = layer(module(path))
    for name in imported(path):
        there = layer(name)
        if here is not None and there is not None:
            assert here <= there, f"{module(path)} imports {name}"


def test_accounts_know_nothing_of_documents() -> None:
    for path in sources("accounts"):
        assert not [name for name in imported(path) if name.startswith("documents")], path


def test_documents_know_of_accounts_only_people_and_the_record() -> None:
    allowed = ("accounts.models", "accounts.audit")
    for path in sources("documents"):
        if {"views", "commands", "tasks.py"} & set(path.parts):
            continue  # pages step up, invite and show the firm; the hourly task forgets old sessions
        wrong = [name for name in imported(path) if name.startswith("accounts") and not name.startswith(allowed)]
        assert not wrong, (path, wrong)


@pytest.mark.parametrize("path", sources(*OURS), ids=module)
def test_nothing_is_imported_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not inner, (path, node.name)


@pytest.mark.parametrize("path", sources(*EDGES), ids=module)
def test_edges_know_no_models(path: Path) -> None:
    wrong = [n for n in imported(path) if n.startswith(("documents.models", "accounts", "django.db"))]
    assert not wrong, wrong


HOMES = {
    "storages[": ["documents/vault/store.py"],
    "AuditEvent.objects": ["accounts/audit.py", "documents/delivery.py"],
    "AuditEvent(": ["accounts/audit.py", "accounts/models.py"],
    "StreamingHttpResponse(": ["documents/delivery.py"],
    "FileResponse(": [],
    "os.environ": ["portal/settings.py", "portal/wsgi.py", "documents/preparing/child.py"],  # a cage sets its own
    ".role ": ["documents/access.py"],
    ".role\n": ["documents/access.py"],
    "csrf_exempt": ["documents/views/client.py", "documents/views/photos.py", "accounts/views/leaving.py"],
    "mark_safe": [],
    "|safe": [],
    "except Exception": ["documents/preparing/child.py"],  # a parser may die of anything
    "except:": [],
}


@pytest.mark.parametrize("word", HOMES, ids=str.strip)
def test_each_power_has_one_home(word: str) -> None:
    homes = {ROOT / home for home in HOMES[word]}
    elsewhere = [path for path in sources("portal", "documents", "accounts") if path not in homes]
    if word.startswith(".role"):
        elsewhere = [path for path in elsewhere if "accounts" not in path.parts]
    assert not [path for path in elsewhere if word in path.read_text()]


def test_views_fetch_only_through_access() -> None:
    for path in sources("documents/views", "accounts/views"):
        assert ".objects" not in path.read_text(), path


def test_only_the_lifecycle_writes_a_state() -> None:
    for path in sources("documents"):
        if path.name != "lifecycle.py":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                    assert node.attr not in {"state", "state_since", "review"}, path
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "update":
                    assert not {k.arg for k in node.keywords} & {"state", "review"}, path


def test_no_page_has_inline_script_or_style() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        assert "onclick=" not in text, path
        assert "<style" not in text, path
        assert ' style="' not in text or 'style="display: none"' in text, path


def test_nothing_is_left_for_later() -> None:
    words = ["TO" + "DO", "FIX" + "ME", "X" * 3 + " "]
    for path in [*sources(*OURS, "tests", "scripts"), *(ROOT / "templates").rglob("*.html")]:
        assert not [word for word in words if word in path.read_text()], path
