"""What `pulumi-conduit doctor` looks at: small checks that each turn a part of the surroundings into findings.

A finding is data and never holds a secret. Checks change nothing, and know neither each other nor how it is shown.
"""

from __future__ import annotations

from pulumi_conduit.diagnosis.diagnose import diagnose
from pulumi_conduit.diagnosis.findings import Code, Finding, Level
from pulumi_conduit.diagnosis.subject import Subject

__all__ = ["Code", "Finding", "Level", "Subject", "diagnose"]
