"""Office profiles: dated data with sources, in the filing order of the field."""

import datetime

import pytest

from documents.packets import profiles
from documents.packets.profiles import UnknownProfile, available, load

CODES = ["EOIR", "ERO", "OPLA"]


def test_the_three_offices_are_there() -> None:
    assert [profile.code for profile in available()] == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_profile_says_when_and_against_what_it_was_checked(code: str) -> None:
    profile = load(code)
    assert datetime.date.fromisoformat(profile.last_checked)
    assert profile.sources
    assert profile.accepts_requests in profiles.ANSWERS


@pytest.mark.parametrize("code", CODES)
def test_a_part_stays_below_the_25_megabytes_of_the_court(code: str) -> None:
    assert 20_000_000 < load(code).part_limit < 25_000_000


@pytest.mark.parametrize(
    ("code", "section", "expected"),
    [
        ("OPLA", "transmittal", True),
        ("OPLA", "proof_of_service", False),
        ("EOIR", "proof_of_service", True),
        ("EOIR", "transmittal", False),
        ("ERO", "i246", True),
        ("OPLA", "i246", False),
        ("OPLA", "no_such_section", False),
    ],
)
def test_each_office_has_its_own_sections(code: str, section: str, expected: bool) -> None:
    assert load(code).uses(section) is expected


def test_harmful_papers_are_never_in_by_themselves() -> None:
    uses = {section.use for code in CODES for section in load(code).sections if section.code == "negative"}
    assert uses == {"released_only"}


def test_sections_stand_in_filing_order() -> None:
    codes = [section.code for section in load("EOIR").sections]
    wanted = [
        "appearance",
        "cover",
        "letter",
        "index",
        "declaration",
        "identity",
        "positive",
        "negative",
        "proof_of_service",
    ]
    assert [code for code in codes if code in wanted] == wanted


def test_the_version_is_the_hash_of_the_data() -> None:
    versions = {load(code).version for code in CODES}
    assert len(versions) == len(CODES)
    assert all(len(version) == 12 and int(version, 16) >= 0 for version in versions)


@pytest.mark.parametrize("code", ["NONE", "", "opla", "../profiles/OPLA", "OPLA.toml"])
def test_an_unknown_office_is_refused(code: str) -> None:
    with pytest.raises(UnknownProfile):
        load(code)
