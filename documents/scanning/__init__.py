"""`scan(stream)`: what clamd says about these very bytes. No answer is not a yes. No models here.

The PyPI `clamd` package makes the connection and asks PING and VERSION. Its `instream()` is not used: it answers `None`
when clamd dies in the middle of a scan, writes with `send` (which may write only a part), and keeps its socket on the
object, so that threads read each other's verdicts. INSTREAM is sent here, over a fresh connection for each scan.
"""

from documents.scanning.conversation import Deadlines, ScannerUnavailable
from documents.scanning.probes import EICAR, MARKER, Probe, probe
from documents.scanning.scanner import FRESH, Outcome, Signatures, StaleSignatures, Verdict, scan, signatures

__all__ = [
    "EICAR",
    "FRESH",
    "MARKER",
    "Deadlines",
    "Outcome",
    "Probe",
    "ScannerUnavailable",
    "Signatures",
    "StaleSignatures",
    "Verdict",
    "probe",
    "scan",
    "signatures",
]
