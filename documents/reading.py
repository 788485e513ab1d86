"""What stands on the pages: read once they are ready, and sealed."""

from documents.models import Document, PageText


def texts(document: Document) -> dict[int, str]:
    """The words of each page that was read, by its number (1-based). One query."""
    read = PageText.objects.filter(page__document=document).select_related("page").order_by("page__number")
    return {each.page.number: each.text for each in read}
