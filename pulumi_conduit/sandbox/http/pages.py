"""Web pages and this sandbox: which page may give orders, and what its own page may do.

A browser on this machine reaches loopback for every site that it shows, so that a site could press the console's
buttons. Knows headers only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.datastructures import Headers

__all__ = ["PAGE_HEADERS", "is_from_another_page"]

# Nothing from elsewhere, nothing inline, no markup from a text, in no frame.
_POLICY = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
PAGE_HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def is_from_another_page(headers: Headers) -> bool:
    """Say whether a browser sends this for a page of another origin; what is no browser says nothing of pages."""
    # Every browser names the origin of a page that sends anything but a GET; `null` is a page that hides its own.
    own = f"http://{headers.get('host', '')}"
    is_foreign = headers.get("origin", own) != own
    return is_foreign or headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
