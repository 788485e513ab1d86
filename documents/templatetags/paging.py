"""Page numbers as people write them."""

from collections.abc import Iterable

from django import template

from documents.packets.rules.measured import spans

register = template.Library()


@register.filter
def as_spans(pages: Iterable[int]) -> str:
    """pages 3, 5–9"""
    return spans(pages)
