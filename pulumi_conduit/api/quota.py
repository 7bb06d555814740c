"""How many retries an API that does not answer may cost this process, all its operations together.

Must not know what is retried, or when. Six tries of one request are a kindness; six tries of each of a thousand keep a
server down that is trying to come up. So the retries to one base URL come out of one allowance, as in the AWS SDKs'
"standard" retry mode, whose size this has. A server that answers gives back what the request had taken, so that a short
outage costs nothing in the end, and slowly more, so that a long one is recovered from.
"""

from __future__ import annotations

from threading import Lock

__all__ = ["MOST_RETRIES", "RetryQuota", "RetryQuotas"]

MOST_RETRIES = 100
_ANSWERS_PER_RETRY = 10


class RetryQuota:
    """What is left of the retries to one base URL, for any number of threads."""

    def __init__(self, most: int = MOST_RETRIES) -> None:
        """Begin with all of them."""
        self._lock = Lock()
        self._most = most * _ANSWERS_PER_RETRY
        self._left = self._most

    def take(self) -> bool:
        """Take one retry; return whether there was one."""
        with self._lock:
            if self._left < _ANSWERS_PER_RETRY:
                return False
            self._left -= _ANSWERS_PER_RETRY
            return True

    def give_back(self, taken: int) -> None:
        """Put back the retries that a request took before the API answered it, and a tenth of one for the answer."""
        with self._lock:
            self._left = min(self._most, self._left + taken * _ANSWERS_PER_RETRY + 1)


class RetryQuotas:
    """The quotas of a process."""

    def __init__(self, most: int = MOST_RETRIES) -> None:
        """Begin without any; each is to have `most` retries."""
        self._lock = Lock()
        self._most = most
        self._quotas: dict[str, RetryQuota] = {}

    def of(self, base_url: str) -> RetryQuota:
        """Return the one quota of a base URL."""
        with self._lock:
            return self._quotas.setdefault(base_url, RetryQuota(self._most))
