"""What the people of the demo firm wrote."""

OPTIONS = {
    "asylum": "not_available",
    "asylum_note": "No fear of return, and more than one year since the last entry.",
    "cancellation": "preserved",
    "cancellation_note": "Ten years in the country, a US citizen child: the application stays with the court.",
    "adjustment": "not_available",
    "adjustment_note": "Entered without inspection; no 245(i).",
    "victim": "not_available",
    "victim_note": "Nothing of the kind happened.",
    "juvenile": "not_available",
    "juvenile_note": "Over 21.",
    "protected": "not_available",
    "protected_note": "Her country has no TPS; she was over 31 in June 2012.",
    "parole": "not_available",
    "parole_note": "Nobody of the family served.",
    "motion": "preserved",
    "motion_note": "No ground seen in the charging document so far.",
    "appeal": "not_available",
    "appeal_note": "There is no decision yet.",
    "work_permit": "She has one through the pending application. Administrative closure leaves it pending.",
}
MESSAGES = (
    ("pat", "Buenos días, María Elena. Ya tenemos la carta de su trabajo. Gracias."),
    ("maria", "¡Qué bueno! El recibo de luz está a nombre de mi esposo. ¿Sirve así?"),
    ("pat", "Sí, sirve. Mande por favor también uno de este año, si lo tiene."),
)
