from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User, policy

# What anyone who knows this office would try first.
CONTEXT = {
    "amparo", "asylum", "asilo", "inmigracion", "immigration", "abogado", "attorney", "lawyer", "evidence", "portal",
    "password", "contraseña", "qwerty", "1234567890", "123456",
}  # fmt: skip


class ContextWords:
    """Refuses a password that is little more than the words around this office, its own name included (ASVS 6.1.2)."""

    def validate(self, password: str, user: User | None = None) -> None:
        rest = password.lower()
        words = CONTEXT | {word for word in policy().firm_name.lower().split() if len(word) > 3}
        for word in sorted(words, key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(rest) < 8 and len(rest) < len(password):
            raise ValidationError(self.get_help_text(), code="context_words")

    def get_help_text(self) -> str:
        return _("Do not build the password from the words of this office.")
