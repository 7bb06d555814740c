"""A client without anything: one pooled session and one login. What a script, or a tuned naive provider, would use."""

from __future__ import annotations

import os
import threading
from typing import Any

import requests
from requests.adapters import HTTPAdapter

__all__ = ["Bare"]

_TIMEOUT_S = 60


class Bare:
    """Both APIs by the settings in the environment; safe for threads."""

    def __init__(self, connections: int = 1) -> None:
        """Connect at the first call, with up to so many connections."""
        self._session = requests.Session()
        self._session.mount("http://", HTTPAdapter(pool_maxsize=connections))
        self._url = os.environ["CONDUCTOR_URL"]
        self._link_url = os.environ["CONDUIT_LINK_URL"]
        self._lock = threading.Lock()
        self._token: str | None = None

    def conductor(self, method: str, path: str, body: Any = None) -> Any:
        """Make a call to Conductor."""
        return self._send(method, f"{self._url}{path}", body, self._logged_in())

    def link(self, method: str, path: str, body: Any = None) -> Any:
        """Make a call to Conduit Link."""
        return self._send(method, f"{self._link_url}{path}", body, os.environ["CONDUIT_LINK_APP_TOKEN"])

    def _logged_in(self) -> str:
        with self._lock:
            if self._token is None:
                names = ("CONDUCTOR_USERNAME", "CONDUCTOR_PASSWORD")
                credentials = dict(zip(("username", "password"), map(os.environ.__getitem__, names), strict=True))
                self._token = str(self._send("POST", f"{self._url}/login", credentials, "")["accessToken"])
            return self._token

    def _send(self, method: str, url: str, body: Any, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._session.request(method, url, json=body, headers=headers, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()
