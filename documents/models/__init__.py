from documents.models.alarm import Alarm
from documents.models.checklist import ChecklistItem, Reminder
from documents.models.document import Disposition, Document, Hold, Page, Tag, Verdict
from documents.models.factor import DocumentType, Factor
from documents.models.matter import Matter, Membership, Request
from documents.models.message import Message, Read
from documents.models.packet import Packet, PacketPage, PacketPart
from documents.models.upload import Upload

__all__ = [
    "Alarm",
    "ChecklistItem",
    "Disposition",
    "Document",
    "DocumentType",
    "Factor",
    "Hold",
    "Matter",
    "Membership",
    "Message",
    "Packet",
    "PacketPage",
    "PacketPart",
    "Page",
    "Read",
    "Reminder",
    "Request",
    "Tag",
    "Upload",
    "Verdict",
]
