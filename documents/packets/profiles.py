"""Office profiles: what an office expects of a packet, as dated data that the firm reviews, never as law in code.

Those of this folder are where a firm begins; its own copies of them are rows (documents.offices).
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from documents.packets.shape import Frozen

FOLDER = Path(__file__).parent / "profiles"
USES = ("on", "off", "optional", "if_any", "released_only")
ANSWERS = ("yes", "no", "unknown")


class UnknownProfile(Exception):
    """No office profile has this code, or this version of it."""


@dataclass(frozen=True, slots=True)
class Section(Frozen):
    """A section of the packet, in filing order. `use`: on, off, optional, if_any or released_only."""

    code: str
    title: str
    use: str


@dataclass(frozen=True, slots=True)
class Profile(Frozen):
    """One office's expectations.

    `part_limit`: bytes a file may have; `forbidden`: document types and procedural tags this office does not want;
    `accepts_requests`: yes, no or unknown; `last_checked`: ISO date somebody last compared this with the sources;
    `version`: the first 12 hexadecimal digits of the SHA-256 of all the rest, so that it is the same after a check that
    found nothing new.
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

    @property
    def family(self) -> str:
        """Which kind of office it is: OPLA, EOIR or ERO. A copy's code begins with it: OPLA-CHI."""
        return self.code.partition("-")[0]

    def data(self) -> dict[str, Any]:
        """What it says, without when it was checked, as JSON has it."""
        plain: dict[str, Any] = json.loads(self.to_json())
        return {name: value for name, value in plain.items() if name not in UNTOLD}


UNTOLD = {"last_checked", "version"}


def available() -> list[Profile]:
    """Every office profile that comes with the portal, by code."""
    return [load(path.stem) for path in sorted(FOLDER.glob("*.toml"))]


@cache
def load(code: str) -> Profile:
    """The portal's own profile with this code (`OPLA`, `EOIR`, `ERO`). UnknownProfile when there is none."""
    path = FOLDER / f"{code}.toml"
    if path not in FOLDER.glob("*.toml"):
        raise UnknownProfile(f"There is no office profile “{code}”.")
    data = tomllib.loads(path.read_bytes().decode())
    checked = data.pop("last_checked")
    return of(data, checked)


def of(data: Mapping[str, Any], last_checked: str) -> Profile:
    """The profile that says this. ValueError when it is not one: something missing, unknown or of another type."""
    date.fromisoformat(last_checked)
    profile = Profile.from_json(json.dumps({**data, "last_checked": last_checked, "version": ""}))
    if wrong := [section.code for section in profile.sections if section.use not in USES]:
        raise ValueError(f"Sections with an unknown use: {', '.join(wrong)}")
    if profile.accepts_requests not in ANSWERS:
        raise ValueError(f"accepts_requests is none of {', '.join(ANSWERS)}")
    told = json.dumps(profile.data(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return replace(profile, version=hashlib.sha256(told.encode()).hexdigest()[:12])
