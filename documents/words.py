"""What a client reads about a file: plain, in both languages, and never a word that frightens."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from documents.preparing import Reason, Warning_

REFUSALS: Final[dict[str, Promise]] = {
    Reason.WRONG_TYPE: _(
        "We cannot use this kind of file. Send a photo or scan (JPEG, PNG, HEIC, AVIF, TIFF, WebP, GIF, BMP), a PDF, or a "
        "letter (DOCX, DOC, ODT, RTF, TXT)."
    ),
    Reason.DAMAGED: _("We could not open this file. Send it again, or take a new photo of the paper."),
    Reason.TRUNCATED: _("This file did not arrive whole. Send it again, please."),
    Reason.EMPTY: _("This file is empty. Choose the file again and send it."),
    Reason.LOCKED: _("This file has a password. Send a copy without a password, or photos of its pages."),
    Reason.TOO_LARGE: _("This file is too big. Send it in smaller pieces, or as photos."),
    Reason.TOO_COMPLEX: _("We could not open this file. Send it as photos or as a simple PDF."),
    Reason.ACTIVE_CONTENT: _("We cannot use this kind of file. Print it to a PDF, or send photos of its pages."),
    Reason.INFECTED: _("We could not open this file. Take a new photo of the paper and send that."),
    Reason.DUPLICATE: _("We already have this one. You do not need to send it again."),
    Reason.SCANNER_UNAVAILABLE: _("We have your file. We are still checking it. You can close this page."),
    Reason.TIMEOUT: _("We have your file. A person in the office will look at it."),
    Reason.NOT_REDACTED: _("We have your file. A person in the office will look at it."),
}
# Of a photo that can be taken again, or kept: nobody has to.
NOTICED: Final[dict[str, Promise]] = {
    Warning_.BLURRED: _("This photo is not sharp. Take it again in good light, or keep it."),
    Warning_.DARK: _("This photo is dark. Take it again in good light, or keep it."),
    Warning_.BLANK_PAGES: _("A page is empty. Take it again, or keep it if it is meant to be empty."),
}
# A locked file that its password would open (see intake/unlocking): where it can be typed, and elsewhere.
TYPE_PASSWORD = _("This file has a password. Type it here and we will open it.")
HAS_PASSWORD = _("This file has a password. Type it and we will open it.")
NOT_KEPT = _("We could not save this file. Send it again in a minute.")

NO_ROOM = _("The office cannot take more files now. Ask the office.")
WAITS = _("We have this page. It waits for the other pages of its paper.")


def sentence(reason: str) -> Promise | str:
    """What the client reads for a closed reason; nothing for no reason."""
    return REFUSALS.get(reason, "")


def both(reason: str) -> dict[str, str]:
    """The sentence in English and Spanish, for scripts."""
    words = {}
    for language in ("en", "es"):
        with override(language):
            words[language] = str(sentence(reason))
    return words
