"""RTF and plain text: whether they are what they seem, whole, and in which letters they are written."""

import re

import magic

from documents.preparing.words import Job, Reason, Refused, Warning_

_BRACES = re.compile(rb"\\bin(\d+) ?|\\[^a-zA-Z]|[{}]")
_OBJECT = re.compile(rb"\\objclass\s+Package\b")
_PAGE = re.compile(rb"\\page(?![a-z])")
_NEVER_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f\ufffe\uffff]")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# What is written for programs. A person who sends it did not mean to: it would be printed as gibberish.
_FOR_PROGRAMS = {"text/html", "text/xml", "text/x-php", "text/x-shellscript", "text/x-msdos-batch"}
_TEXTS = ("text/", "message/", "application/json", "application/csv", "application/x-ndjson")
_ODD = 0.3  # share of letters beyond ASCII from which Western text is no Western text
_LARGEST = 8 << 20  # bytes: more than the pages that one document may have
_LINES = 70  # a page: a few more than there is room for
_FIELDS = 50_000  # a field for each line of many pages
_DEEPEST, _MOST = 500, 2_000_000  # groups in groups; their beginnings, ends and escaped letters together
_LAYOUT = (
    rb"{\rtf1\ansi\deff0{\fonttbl{\f0\fmodern DejaVu Sans Mono;}}\paperw12240\paperh15840"
    rb"\margl1080\margr1080\margt1080\margb1080\f0\fs19 "
)
_COMMANDS = {
    **{ord(letter): "\\" + letter for letter in "\\{}"},
    ord("\n"): "\\par\n",
    ord("\t"): "\\tab ",
    ord("\f"): "\\page ",
    ord("\v"): "\\line ",
    ord("\x1b"): "",
}


def is_text(job: Job) -> bool:
    """Whether the whole file is something a person can read. Only asked of files that call themselves text."""
    mime = magic.from_file(str(job.source), mime=True)
    if mime in _FOR_PROGRAMS or not mime.startswith(_TEXTS):
        return False
    if job.source.stat().st_size > _LARGEST:
        raise Refused(Reason.TOO_LARGE, "It is longer than any document.")
    text = decoded(job.source.read_bytes()).rstrip("\x1a")
    if max(text.count("\f"), text.count("\n") // _LINES) >= job.limits.pages:
        raise Refused(Reason.TOO_LARGE, f"It has more than {job.limits.pages} pages.")
    return not _NEVER_IN_TEXT.search(text)


def decoded(data: bytes) -> str:
    """Text by its mark, as UTF-8, or as Windows writes Western letters. Refused(TRUNCATED), or TOO_COMPLEX if in none."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _strictly(data, name)
    try:
        return data.decode()
    except UnicodeDecodeError as problem:
        if problem.end == len(data) and problem.reason == "unexpected end of data" and _is_utf8(data[: problem.start]):
            raise Refused(Reason.TRUNCATED, "It ends in the middle of a letter.") from None
    text = _strictly(data, "cp1252")
    if sum(letter > "\x7f" for letter in text) > _ODD * len(text):
        raise Refused(Reason.TOO_COMPLEX, "It is written in letters that it does not name.")
    return text


def _is_utf8(data: bytes) -> bool:
    return any(byte > 0x7F for byte in data)  # that much was decoded already; plain ASCII proves nothing


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as problem:
        cut = name == "utf-16" and problem.end == len(data)
        reason = Reason.TRUNCATED if cut else Reason.TOO_COMPLEX
        raise Refused(reason, "Its letters cannot be read.") from None


def demand_whole_rtf(job: Job) -> set[Warning_]:
    """Refused(TRUNCATED) for RTF whose groups are not all closed; tells of files packed into it."""
    data = job.source.read_bytes()
    if data.count(b"\\fldinst") > _FIELDS:
        raise Refused(Reason.TOO_COMPLEX, "It has more fields than any document.")
    if len(_PAGE.findall(data)) >= job.limits.pages:
        raise Refused(Reason.TOO_LARGE, f"It has more than {job.limits.pages} pages.")
    depth, at, count = 0, 0, 0
    while (found := _BRACES.search(data, at)) is not None:
        count += 1
        at = found.end() + (int(found[1]) if found[1] and len(found[1]) < 10 else 0)
        depth += {b"{": 1, b"}": -1}.get(found[0], 0)
        if depth > _DEEPEST or count > _MOST:
            raise Refused(Reason.TOO_COMPLEX, "It has more groups, or deeper ones, than any document.")
        if depth == 0:
            return {Warning_.ATTACHMENTS_SET_ASIDE} if _OBJECT.search(data) else set()
    raise Refused(Reason.TRUNCATED, "It ends before its end.")


def as_rtf(text: str) -> bytes:
    """Text as a document of Letter pages, in letters of one width, so that what its writer lined up stays in line.

    Every letter is spelled out: nothing in it can be taken for a command, or the file for another kind.
    """
    lines = text.rstrip("\x1a").replace("\r\n", "\n").replace("\r", "\n")
    return _LAYOUT + lines.translate(_Spelled()).encode("ascii") + b"}"


class _Spelled(dict[int, str]):
    """What each letter is in RTF (its specification 1.9.1, Unicode RTF)."""

    def __missing__(self, letter: int) -> str:
        spelled = _COMMANDS.get(letter) or (chr(letter) if 0x20 <= letter < 0x7F else _numbered(letter))
        self[letter] = spelled
        return spelled


def _numbered(letter: int) -> str:
    units = chr(letter).encode("utf-16-le", "surrogatepass")
    numbers = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
    return "".join(f"\\u{number}?" for number in numbers)
