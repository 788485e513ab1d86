from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from documents.models.document import Page
from portal.crypto import SealedJSONField, SealedTextField


class PageText(models.Model):
    """What stands on a print-ready page: taken from its text layer, or read off its picture. Gone with the page."""

    class Source(models.TextChoices):
        LAYER = "layer", _("written in the file")
        OCR = "ocr", _("read off the picture")
        BOTH = "both", _("written in the file, and read off a picture in it")
        NONE = "none", _("could not be read")

    page = models.OneToOneField(Page, on_delete=models.CASCADE, primary_key=True, related_name="text")
    text = SealedTextField(purpose="documents.page_text.text", blank=True)
    source = models.CharField(max_length=5, choices=Source)
    language = models.CharField(max_length=2, blank=True)  # "en", "es"; empty where too little stands on it to tell
    # Where the words of a picture are that has no text layer: preparing.Place as lists, in points.
    places = SealedJSONField(purpose="documents.page_text.places", default=list)
    words = SearchVectorField(null=True)  # keyed hashes of the words, never the words (documents.reading)

    class Meta:
        indexes = [GinIndex(fields=["words"], name="words_of_pages")]

    def __str__(self) -> str:
        return f"text of page {self.page_id}"
