"""How one text became another, word by word, for people to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

WORD: Final = re.compile(r"\s+|[^\s]+")
MOST_WORDS: Final = 3_000  # in a stretch; longer ones are told apart line by line only
AROUND: Final = 1  # lines that stayed, shown beside those that changed


@dataclass(frozen=True, slots=True)
class Run:
    """Some text. `kind`: same, gone or new; skip for so many `lines` that stayed and are not shown."""

    kind: str
    text: str = ""
    lines: int = 0


def differences(old: str, new: str) -> list[Run]:
    """The runs of both texts in order, each as long as it can be. Of long stretches that stayed only their ends."""
    if old == new:
        return []
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    runs = list[Run]()
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for place, (kind, a, b, c, d) in enumerate(codes):
        if kind == "equal":
            runs += _kept(before[a:b], first=place == 0, last=place == len(codes) - 1)
        else:
            runs += _changed("".join(before[a:b]), "".join(after[c:d]))
    return runs


def _kept(lines: list[str], *, first: bool, last: bool) -> Iterator[Run]:
    head, tail = 0 if first else AROUND, 0 if last else AROUND
    hidden = len(lines) - head - tail
    if hidden < 1:
        yield Run("same", "".join(lines))
        return
    yield from _some("same", "".join(lines[:head]))
    yield Run("skip", lines=hidden)
    yield from _some("same", "".join(lines[len(lines) - tail :]))


def _changed(old: str, new: str) -> Iterator[Run]:
    before, after = WORD.findall(old), WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        yield from (*_some("gone", old), *_some("new", new))
        return
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Run("same", "".join(before[a:b]))
        else:
            yield from (*_some("gone", "".join(before[a:b])), *_some("new", "".join(after[c:d])))


def _some(kind: str, text: str) -> Iterator[Run]:
    if text:
        yield Run(kind, text)
