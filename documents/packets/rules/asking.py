"""The rules about what is looked at, and agreed with the client, before anything is asked for."""

from documents.packets.rules.facts import Rule

RULES: tuple[Rule, ...] = ()
