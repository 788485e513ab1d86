"""The one door in. Bytes first, then the row that promises them."""

from documents.intake.receiving import NotKept, NotTaken, Receipt, receive

__all__ = ["NotKept", "NotTaken", "Receipt", "receive"]
