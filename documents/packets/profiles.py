"""Office profiles: what an office expects of a packet, as dated data that the firm reviews, never as law in code."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "profiles"
USES = ("on", "off", "optional", "if_any", "released_only")
ANSWERS = ("yes", "no", "unknown")


class UnknownProfile(Exception):
    """No office profile has this code."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the packet, in filing order. `use`: on, off, optional, if_any or released_only."""

    code: str
    title: str
    use: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One office's expectations.

    `part_limit`: bytes a file may have; `forbidden`: document types and procedural tags this office does not want;
    `accepts_requests`: yes, no or unknown; `last_checked`: ISO date somebody last compared this with the sources;
    `version`: the first 12 hexadecimal digits of the SHA-256 of the data file.
    """

    code: str
    name: str
    filing: str
    letter_title: str
    file_suffix: str
    part_limit: int
    double_spaced: bool
    sections: tuple[Section, ...]
    forbidden: tuple[str, ...]
    accepts_requests: str
    channel: str
    sources: tuple[str, ...]
    last_checked: str
    version: str

    def uses(self, code: str) -> bool:
        """Whether this office's packets may hold the section at all."""
        return any(section.code == code and section.use != "off" for section in self.sections)


def available() -> list[Profile]:
    """Every office profile, by code."""
    return [load(path.stem) for path in sorted(FOLDER.glob("*.toml"))]


@cache
def load(code: str) -> Profile:
    """The profile with this code (`OPLA`, `EOIR`, `ERO`). UnknownProfile when there is none."""
    path = FOLDER / f"{code}.toml"
    if path not in FOLDER.glob("*.toml"):
        raise UnknownProfile(f"There is no office profile “{code}”.")
    raw = path.read_bytes()
    return _profile(tomllib.loads(raw.decode()), hashlib.sha256(raw).hexdigest()[:12])


def _profile(data: dict[str, Any], version: str) -> Profile:
    sections = tuple(Section(**section) for section in data.pop("sections"))
    if wrong := [section.code for section in sections if section.use not in USES]:
        raise ValueError(f"Sections with an unknown use: {', '.join(wrong)}")
    if data["accepts_requests"] not in ANSWERS:
        raise ValueError(f"accepts_requests is none of {', '.join(ANSWERS)}")
    data |= {name: tuple(data[name]) for name in ("forbidden", "sources")}
    return Profile(**data, sections=sections, version=version)
