"""How many messages wait, for the tabs of a matter's pages."""

from typing import Any

from django import template

from documents import messages
from documents.models import Matter

register = template.Library()


@register.simple_tag(takes_context=True)
def unread(context: dict[str, Any], matter: Matter) -> int:
    """Those of the matter that the reader has not read."""
    return messages.unread(context["user"], matter)
