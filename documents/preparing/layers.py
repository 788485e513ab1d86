"""Optional content as a viewer shows it at first: what is switched off is taken out, since no copy keeps the switch.

ISO 32000-2, 8.11. Only the default configuration counts, as it does in print.
"""

from typing import Any

import pikepdf

from documents.preparing.objects import listed

_PAINTS_PATH = {"S", "s", "f", "F", "f*", "B", "B*", "b", "b*"}
_PAINTS = {"Do", "sh", "Tj", "TJ", "'", '"', "INLINE IMAGE"}
_END_PATH = pikepdf.ContentStreamInstruction([], pikepdf.Operator("n"))


def drop_hidden(pdf: pikepdf.Pdf) -> None:
    """Takes out of every page, and of the forms and annotations it draws, what is not shown by default."""
    hidden = _switched_off(pdf)
    if not hidden:
        return
    seen = pikepdf.ObjectSet()
    for page in pdf.pages:
        shown = [note for note in listed(page.obj.get("/Annots")) if not _is_hidden(_entry(note, "/OC"), hidden)]
        page.obj["/Annots"] = pikepdf.Array(shown)
        resources = page.obj.get("/Resources")
        page.obj["/Contents"] = pdf.make_stream(_without_hidden(page, resources, hidden))
        _clean_forms(resources, hidden, seen)


def _clean_forms(resources: Any, hidden: set[tuple[int, int]], seen: pikepdf.ObjectSet) -> None:
    pending = [resources]
    while pending:
        drawn = _entry(pending.pop(), "/XObject")
        for name in list(drawn.keys()) if isinstance(drawn, pikepdf.Dictionary) else []:
            thing = drawn.get(name)
            if not isinstance(thing, pikepdf.Stream) or not seen.add(thing):
                continue
            if _is_hidden(thing.get("/OC"), hidden):
                thing["/Subtype"], thing["/BBox"] = pikepdf.Name.Form, pikepdf.Array([0, 0, 0, 0])
                thing.write(b"")
            elif thing.get("/Subtype") == "/Form":
                inner = thing.get("/Resources")
                thing.write(_without_hidden(thing, inner, hidden))
                pending.append(inner)


def _switched_off(pdf: pikepdf.Pdf) -> set[tuple[int, int]]:
    layers = pdf.Root.get("/OCProperties")
    default = _entry(layers, "/D")
    groups = {group.objgen for group in listed(_entry(layers, "/OCGs")) if isinstance(group, pikepdf.Object)}
    off = {group.objgen for group in listed(_entry(default, "/OFF")) if isinstance(group, pikepdf.Object)}
    on = {group.objgen for group in listed(_entry(default, "/ON")) if isinstance(group, pikepdf.Object)}
    return groups - on if _entry(default, "/BaseState") == "/OFF" else off


def _is_hidden(layer: Any, hidden: set[tuple[int, int]]) -> bool:
    """A group that is off, or a membership whose policy over its groups says no. Expressions are not read."""
    if not isinstance(layer, pikepdf.Dictionary):
        return False
    if layer.get("/Type") != "/OCMD":
        return layer.objgen in hidden
    members = layer.get("/OCGs")
    groups = listed(members) or ([members] if isinstance(members, pikepdf.Dictionary) else [])
    off = [group.objgen in hidden for group in groups if isinstance(group, pikepdf.Dictionary)]
    if not off:
        return False
    policies = {"/AllOn": any(off), "/AnyOff": not any(off), "/AllOff": not all(off)}
    return policies.get(str(layer.get("/P")), all(off))


def _without_hidden(holder: Any, resources: Any, hidden: set[tuple[int, int]]) -> bytes:
    """The content stream with every painting operator inside a hidden layer gone, and its graphics state kept."""
    names = _entry(resources, "/Properties")
    kept: list[Any] = []
    inside: list[bool] = []  # one entry for each open marked content: is it hidden?
    for step in pikepdf.parse_content_stream(holder):
        operator = str(step.operator)
        if operator in ("BDC", "BMC"):
            inside.append(operator == "BDC" and _opens_hidden(step.operands, names, hidden))
        elif operator == "EMC" and inside:
            inside.pop()
        if not any(inside) or operator not in _PAINTS | _PAINTS_PATH:
            kept.append(step)
        elif operator in _PAINTS_PATH:
            kept.append(_END_PATH)
    return pikepdf.unparse_content_stream(kept)


def _opens_hidden(operands: Any, names: Any, hidden: set[tuple[int, int]]) -> bool:
    if len(operands) != 2 or operands[0] != "/OC" or not isinstance(operands[1], pikepdf.Name):
        return False
    return _is_hidden(_entry(names, str(operands[1])), hidden)


def _entry(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, pikepdf.Dictionary) else None
