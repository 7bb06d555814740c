"""What lives in the APIs compared with what stacks declare: who and what is in no stack, and what is missing.

Reads only. Knows neither the command line nor the engine.
"""

from __future__ import annotations

from pulumi_conduit.audit.audit import Audit, audit
from pulumi_conduit.audit.findings import Finding, Kind

__all__ = ["Audit", "Finding", "Kind", "audit"]
