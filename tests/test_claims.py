"""What is said of a factor in a matter: claimed, not applicable because, decided by an attorney, taken back and kept."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.audit import trail
from documents import claims, matters, purging, tagging
from documents.models import Claim, Factor
from documents.packets import order, rules
from tests.papers import paper

pytestmark = pytest.mark.django_db
WHY = "Never admitted."


def factor(code="LAWFUL_TIME"):
    return Factor.everything.get(code=code)


def standing(matter):
    return {claim.factor_id: claim for claim in matter.claims.filter(taken_back_at=None)}


def empties(request_):
    """The main factors that V30 still asks about."""
    words = rules.judge(request_, order.freeze(request_), only=lambda rule: rule.id == "V30")
    return {word.problem.about for word in words if word.blocks and word.problem}


def test_a_factor_is_claimed_once_and_on_the_record(matter, pat):
    assert claims.claim(matter, factor(), actor=pat) == claims.claim(matter, factor(), actor=pat)
    [event] = trail(matter.audit_chain).filter(kind="claimed")
    assert (event.actor, event.facts) == (pat, {"factor": "LAWFUL_TIME", "action": "claimed"})


def test_an_attorney_says_that_it_does_not_apply(matter, request_, ana):
    assert "LAWFUL_TIME" in empties(request_)
    said = claims.set_aside(matter, factor(), WHY, actor=ana)
    assert (said.set_aside, said.decided_by, said.why) == (True, ana, WHY)
    assert "LAWFUL_TIME" not in empties(request_)


def test_a_paralegal_proposes_and_an_attorney_decides(matter, request_, pat, ana):
    proposed = claims.set_aside(matter, factor(), WHY, actor=pat)
    assert not proposed.set_aside
    assert "LAWFUL_TIME" in empties(request_)
    claims.agree(proposed, actor=ana)
    claims.agree(proposed, actor=ana)  # the button was pressed twice
    assert "LAWFUL_TIME" not in empties(request_)
    assert [event.facts["action"] for event in trail(matter.audit_chain).filter(kind="claimed")] == [
        "decided",
        "proposed",
    ]


def test_no_reason_is_in_the_record_or_in_the_clear(matter, ana):
    claims.set_aside(matter, factor(), WHY, actor=ana)
    assert WHY not in str([event.facts for event in trail(matter.audit_chain)])
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SELECT why FROM documents_claim")
        assert WHY not in cursor.fetchone()[0]


def test_what_is_taken_back_is_kept_and_the_rule_speaks_again(matter, request_, ana):
    claims.take_back(claims.set_aside(matter, factor(), WHY, actor=ana), actor=ana)
    assert "LAWFUL_TIME" in empties(request_)
    [kept] = Claim.objects.all()
    assert (kept.why, kept.taken_back_by) == (WHY, ana)
    with pytest.raises(claims.CannotClaim, match="already"):
        claims.take_back(kept, actor=ana)


def test_another_word_takes_the_place_of_the_one_before(matter, pat):
    claims.claim(matter, factor(), actor=pat)
    claims.set_aside(matter, factor(), WHY, actor=pat)
    assert standing(matter)["LAWFUL_TIME"].said == "not_applicable"
    claims.claim(matter, factor(), actor=pat)
    assert standing(matter)["LAWFUL_TIME"].said == "claimed"
    assert Claim.objects.count() == 3


def test_an_attorneys_word_is_not_passed_over(matter, pat, ana):
    claims.set_aside(matter, factor(), WHY, actor=ana)
    with pytest.raises(claims.CannotClaim, match="attorney"):
        claims.claim(matter, factor(), actor=pat)
    with pytest.raises(claims.CannotClaim, match="attorney"):
        claims.set_aside(matter, factor(), "Other.", actor=pat)


def test_papers_say_otherwise(matter, pat, ana):
    tagged = paper(matter, pat)
    tagging.tag(tagged, factor(), actor=pat)
    with pytest.raises(claims.CannotClaim, match="tagged"):
        claims.set_aside(matter, factor(), WHY, actor=ana)
    tagging.withdraw(tagged, actor=pat)
    assert claims.set_aside(matter, factor(), WHY, actor=ana).set_aside


@pytest.mark.parametrize("code", ["CRIMINAL_HISTORY", "IDENTITY"])
def test_what_speaks_against_and_what_is_no_factor_is_not_claimed(matter, pat, code):
    with pytest.raises(claims.CannotClaim):
        claims.claim(matter, factor(code), actor=pat)


def test_the_database_keeps_one_word_a_factor_and_no_half_decision(matter, pat):
    about = {"matter": matter, "factor": factor(), "by": pat}
    Claim.objects.create(said="claimed", **about)
    for wrong in (
        about | {"said": "claimed"},
        about | {"said": "claimed", "factor": factor("EDUCATION"), "decided_by": pat},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Claim.objects.create(**wrong)


def test_a_purge_forgets_the_reasons_and_the_names_of_its_own_factors(matter, ana):
    claims.set_aside(matter, factor(), WHY, actor=ana)
    matters.add_own_factor(matter, "positive", "Sofía's school", "La escuela de Sofía", actor=ana)
    purging.purge(matter, actor=ana, why="closed")
    assert Claim.objects.get().why == ""
    assert set(Factor.everything.filter(matter=matter).values_list("name_en", "name_es")) == {("", "")}


# The pages


def test_from_the_board_a_paralegal_proposes_and_an_attorney_agrees(matter, browser, pat, ana):
    pats, anas, board = browser(pat), browser(ana), reverse("board", args=[matter.pk])
    pats.post(reverse("claim", args=[matter.pk]), {"factor": "LAWFUL_TIME", "do": "set_aside", "why": WHY})
    assert "Proposed as not applicable:" in pats.get(board).content.decode()
    proposed = standing(matter)["LAWFUL_TIME"]
    assert pats.post(reverse("claim_decide", args=[proposed.pk])).status_code == 403
    answer = anas.post(reverse("claim_decide", args=[proposed.pk]))
    assert answer["Location"] == f"{board}#LAWFUL_TIME"
    page = pats.get(board).content.decode()
    assert f"Not applicable: {WHY} Pat Nguyen, Ana Cortés" in page
    assert pats.post(reverse("claim_take_back", args=[proposed.pk])).status_code == 403
    anas.post(reverse("claim_take_back", args=[proposed.pk]))
    assert not standing(matter)


def test_without_a_reason_nothing_is_said_and_what_was_typed_is_kept(matter, browser, pat):
    where = reverse("claim", args=[matter.pk])
    answer = browser(pat).post(where, {"factor": "LAWFUL_TIME", "do": "set_aside", "why": " \u202e "})
    assert (answer.status_code, "Write why it does not apply." in answer.content.decode()) == (422, True)
    assert not standing(matter)


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"factor": "NOBODY", "do": "claim"},
        {"factor": "EDUCATION", "do": "accept"},
        {"factor": "E\x00", "do": "claim"},
    ],
)
def test_what_makes_no_sense_is_refused(matter, browser, pat, typed):
    assert browser(pat).post(reverse("claim", args=[matter.pk]), typed).status_code == 422
    assert not Claim.objects.exists()


def test_the_activity_tells_it_and_never_the_reason(matter, browser, pat, ana):
    claims.set_aside(matter, factor(), WHY, actor=ana)
    page = browser(pat).get(reverse("activity", args=[matter.pk])).content.decode()
    assert "Ana Cortés said whether this applies: Time in the U.S. with legal status." in page
    assert WHY not in page
