from documents.models.alarm import Alarm
from documents.models.document import Disposition, Document, Hold, Page, Tag, Verdict
from documents.models.factor import DocumentType, Factor
from documents.models.matter import Matter, Membership, Request
from documents.models.packet import Packet, PacketPage, PacketPart
from documents.models.upload import Upload

__all__ = [
    "Alarm",
    "Disposition",
    "Document",
    "DocumentType",
    "Factor",
    "Hold",
    "Matter",
    "Membership",
    "Packet",
    "PacketPage",
    "PacketPart",
    "Page",
    "Request",
    "Tag",
    "Upload",
    "Verdict",
]
