from documents.models.alarm import Alarm
from documents.models.checklist import ChecklistItem, Reminder
from documents.models.claim import Claim
from documents.models.coding import LastDeed, Presence, Suggestion
from documents.models.document import Disposition, Document, Hold, Page, Tag, Verdict
from documents.models.factor import DocumentType, Factor
from documents.models.filing import Circumstance, Filing
from documents.models.fitted import FittedPrint
from documents.models.harm import Compartment, Disclosure, Finding, LiftedPages, LookedAt, Placement
from documents.models.inbox import PutAway, Visit
from documents.models.letter import LetterVersion, Snippet
from documents.models.matter import Matter, Membership, Request
from documents.models.message import Message, Read
from documents.models.note import Note, NoteVersion
from documents.models.office import OfficeProfile
from documents.models.packet import Packet, PacketPage, PacketPart
from documents.models.pairing import Likeness, PageLook, Translation
from documents.models.redaction import Redaction
from documents.models.statement import Agreement, Arrest, Statement
from documents.models.text import PageText
from documents.models.upload import Upload

__all__ = [
    "Agreement",
    "Alarm",
    "Arrest",
    "ChecklistItem",
    "Circumstance",
    "Claim",
    "Compartment",
    "Disclosure",
    "Disposition",
    "Document",
    "DocumentType",
    "Factor",
    "Filing",
    "Finding",
    "FittedPrint",
    "Hold",
    "LastDeed",
    "LetterVersion",
    "LiftedPages",
    "LookedAt",
    "Likeness",
    "Matter",
    "Membership",
    "Message",
    "Note",
    "NoteVersion",
    "OfficeProfile",
    "Packet",
    "PacketPage",
    "PacketPart",
    "Page",
    "PageLook",
    "PageText",
    "Placement",
    "Presence",
    "PutAway",
    "Read",
    "Redaction",
    "Reminder",
    "Request",
    "Snippet",
    "Statement",
    "Suggestion",
    "Tag",
    "Translation",
    "Upload",
    "Verdict",
    "Visit",
]
