"""What lives in the APIs compared with what stacks declare: who and what is in no stack, and what is missing.

Reads only. Knows neither the command line nor the engine.
"""

from __future__ import annotations

from pulumi_conduit.reviews.findings import Finding, Kind
from pulumi_conduit.reviews.review import Review, review

__all__ = ["Finding", "Kind", "Review", "review"]
