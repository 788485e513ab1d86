"""The rules about what is asked, of which office, at which stage of the case, and when."""

from documents.packets.rules.facts import Rule

RULES: tuple[Rule, ...] = ()
