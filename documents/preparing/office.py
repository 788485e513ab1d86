"""A text document → PDF, by LibreOffice, in a sandbox of its own. What comes out is then prepared as any PDF is.

LibreOffice is loaded as a library (LibreOfficeKit), not started as a program: so it needs no leave to start programs and
no socket, not even one of this machine, and nothing that a document refers to can be fetched. Its profile is used once.
It has no screen, yet makes windows in memory as it opens a document: it must be the package with their descriptions
(`libreoffice-writer`); without them (`-nogui`) it dies of some documents.
"""

import ctypes
import json
import shutil
import signal
from pathlib import Path

from documents.preparing import compound, freezing, texts, zipped
from documents.preparing.made import CONVERTED
from documents.preparing.words import Job, Kind, PreparingFailed, Reason, Refused, Warning_

_PROGRAM = Path("/usr/lib/libreoffice/program")
_LIBRARY = _PROGRAM / "libmergedlo.so"
# Places in the tables of functions that LibreOfficeKit.h promises to keep: of the office, and of a document.
_LOAD, _SAVE_AS = 2, 2
_ITS_SIGNALS = (signal.SIGXCPU, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)
_ON_PAPER = {
    **dict.fromkeys(("ExportNotes", "ExportNotesInMargin", "ExportFormFields", "ExportBookmarks"), False),
    **dict.fromkeys(("UseTaggedPDF", "ExportPlaceholders"), False),
}
_COMMON, _WRITER = "/org.openoffice.Office.Common/", "/org.openoffice.Office.Writer/"
_SETTINGS = (
    (_COMMON + "Security/Scripting", "DisableMacrosExecution", "true"),
    (_COMMON + "Security/Scripting", "MacroSecurityLevel", "3"),
    (_COMMON + "Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    (_COMMON + "Misc", "UseLocking", "false"),
    (_WRITER + "Content/Update", "Link", "0"),
    (_WRITER + "Content/Update", "Field", "false"),
    (_WRITER + "Content/Update", "Chart", "false"),
)


def demand_harmless(job: Job, kind: Kind) -> set[Warning_]:
    """Refuses what is locked, cut short, has macros or is too much to open; tells what will not be in print."""
    match kind:
        case Kind.DOCX | Kind.ODT:
            return zipped.demand_harmless(job)
        case Kind.DOC:
            return compound.demand_harmless(job)
        case Kind.RTF:
            return texts.demand_whole_rtf(job)
    return set()


def convert(job: Job) -> None:
    """Writes CONVERTED into `job.into`; `job.suffix` is the kind. Refused(DAMAGED) when nothing came of it."""
    kind = Kind(job.suffix.removeprefix("."))
    source = Path(f"document.{Kind.RTF if kind is Kind.TXT else kind}").resolve()  # its name tells how it is read
    _write_source(job, kind, source)
    _write_profile()
    if not _save_as_pdf(source, job.into / CONVERTED):
        raise Refused(Reason.DAMAGED, "The office program could not read it.")


def _write_source(job: Job, kind: Kind, to: Path) -> None:
    """The document as it is to be opened: what would be filled in on the day of printing shows what it showed."""
    match kind:
        case Kind.TXT:
            to.write_bytes(texts.as_rtf(texts.decoded(job.source.read_bytes())))
        case Kind.DOC:
            shutil.copyfile(job.source, to)
            compound.freeze(to)
        case _:
            freezing.freeze(job.source, kind, to)


def _save_as_pdf(source: Path, to: Path) -> bool:
    """Whether the document could be opened and printed."""
    pointer, text = ctypes.c_void_p, ctypes.c_char_p
    start = ctypes.CDLL(str(_LIBRARY), mode=ctypes.RTLD_GLOBAL).libreofficekit_hook_2
    start.restype, start.argtypes = pointer, (text, text)
    office = start(bytes(_PROGRAM), _profile().as_uri().encode())
    if not office:
        raise PreparingFailed("The office program did not start.")
    for number in _ITS_SIGNALS:  # it would end in its own way: our caller knows what each of them means
        signal.signal(number, signal.SIG_DFL)
    load = ctypes.CFUNCTYPE(pointer, pointer, text)(_function(office, _LOAD))
    document = load(office, source.as_uri().encode())
    if not document:
        return False
    options = {name: {"type": "boolean", "value": str(value).lower()} for name, value in _ON_PAPER.items()}
    save = ctypes.CFUNCTYPE(ctypes.c_int, pointer, text, text, text)(_function(document, _SAVE_AS))
    return bool(save(document, to.as_uri().encode(), b"pdf", json.dumps(options).encode())) and to.exists()


def _function(thing: int, place: int) -> int:
    """From the table of functions that a LibreOfficeKit object begins with; the table begins with its size."""
    pointers = ctypes.POINTER(ctypes.c_void_p)
    table = ctypes.cast(thing, pointers)[0]
    found = ctypes.cast(table, pointers)[place]
    if not found:
        raise PreparingFailed("The office program is not the one we know.")
    return found


def _profile() -> Path:
    return Path("profile").resolve()


def _write_profile() -> None:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SETTINGS
    )
    space = 'xmlns:oor="http://openoffice.org/2001/registry"'
    folder = _profile() / "user"
    folder.mkdir(parents=True)
    (folder / "registrymodifications.xcu").write_text(f"<oor:items {space}>{items}</oor:items>")
