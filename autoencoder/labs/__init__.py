"""The exercises as experiments: each trains what it needs, and ends in claims that are measured,
however they turn out.
"""

from autoencoder.labs.claims import VERDICTS, Claim
from autoencoder.labs.e1 import E1
from autoencoder.labs.e2 import E2
from autoencoder.labs.e3 import E3
from autoencoder.labs.e4 import E4
from autoencoder.labs.e5 import E5
from autoencoder.labs.lab import Lab
from autoencoder.labs.report import Report, content, exists, read
from autoencoder.labs.scale import Scale

LABS: dict[str, Lab] = {lab.name: lab for lab in (E1, E2, E3, E4, E5)}

__all__ = ["LABS", "VERDICTS", "Claim", "Lab", "Report", "Scale", "content", "exists", "read"]
