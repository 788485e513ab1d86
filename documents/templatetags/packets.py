"""What a page of a packet is called."""

from django import template

from documents.models import Packet

register = template.Library()


@register.filter
def called(page: int, packet: Packet) -> str:
    """7; in a supplement to 41 pages 41.7."""
    return packet.label(page)
