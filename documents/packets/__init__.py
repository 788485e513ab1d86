"""The packet as a pure function: a frozen order and print-ready documents in, finished parts and a ledger out."""
