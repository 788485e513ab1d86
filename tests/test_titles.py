"""What an exhibit is called that nobody named: never “Document 7”."""

from documents.models import DocumentType
from documents.packets import arranging, order
from tests.test_plan import filed, titles

TIES = "Ties to your community"


def test_a_title_comes_first_then_the_type_then_the_factor(request_, matter, pat):
    filed(matter, pat, "Our lease", "US_RESIDENCE", item="lease")
    filed(matter, pat, "", "US_RESIDENCE", item="utility_bill")
    filed(matter, pat, "", "COMMUNITY_TIES")
    assert titles(request_) == [TIES, "Our lease", DocumentType.objects.get(pk="utility_bill").label_en]


def test_several_without_a_name_are_numbered_in_the_order_of_their_tabs(request_, matter, pat):
    first = filed(matter, pat, "", "COMMUNITY_TIES")
    filed(matter, pat, "Thanks of the parish", "COMMUNITY_TIES")
    last = filed(matter, pat, "", "COMMUNITY_TIES")
    assert titles(request_) == [f"{TIES} 1", "Thanks of the parish", f"{TIES} 2"]
    arranging.arrange(request_, arranging.tabs(request_)[::-1], actor=pat)
    named = {one.sources[0].document: one.title for one in order.freeze(request_).exhibits}
    assert (named[str(last.pk)], named[str(first.pk)]) == (f"{TIES} 1", f"{TIES} 2")


def test_each_factor_counts_its_own(request_, matter, pat):
    for code in ("COMMUNITY_TIES", "EDUCATION"):
        filed(matter, pat, "", code)
    assert not [title for title in titles(request_) if title[-1].isdigit()]
