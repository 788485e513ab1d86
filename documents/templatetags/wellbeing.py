"""Whether staff have to be told that the portal is not well. One question a page, and none on a client's."""

from django import template

from documents import gate

register = template.Library()


@register.simple_tag
def unwell() -> str:
    """ "shut" while no file can be let in, "alarm" while only an alarm is open, "" when all is well."""
    alarms, proved = gate.standing()
    if not proved:
        return "shut"
    return "alarm" if alarms else ""
