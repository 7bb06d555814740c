"""The proxy before the sandbox, holding requests by name: before their effect, or between the effect and the answer.

Must not know who is killed meanwhile. It keeps every mutation that the sandbox has granted.
"""

import json
import threading

from fault_proxy import LOGIN, FaultProxy, wait_until

_LONGEST_S = 600.0
_TOLD = ("email", "id", "status", "type")


def name_of(request):
    """Return method and path below the API's base URL, and what is specific to it: `-1,5`, `INACTIVE`."""
    body = json.loads(request.content or b"{}")
    if request.line.endswith("/accounts") and body:
        sign = "-" if request.target.endswith("?removal=true") else "+"
        return f"{request.line} {sign}{','.join(map(str, body['accounts']))}"
    return " ".join([request.line, *(body[key] for key in _TOLD if key in body)][:2])


class Hold:
    """Some requests that are held, each once; all threads that wait here are the proxy's."""

    def __init__(self, names, *, is_after):
        """Hold these before their effect, or after it."""
        self.is_after = is_after
        self._names = set(names)
        self._taken = set()
        self._there = set()
        self._done = set()
        self._opened = threading.Event()
        self._is_lost = False

    def takes(self, name):
        """Say whether this request is to be held, which is so once."""
        is_first = name in self._names - self._taken
        self._taken.add(name)
        return is_first

    def wait_here(self, name):
        """Hold a request until all may go on; say whether it still counts."""
        self._there.add(name)
        assert self._opened.wait(_LONGEST_S)
        return not self._is_lost

    def finish(self, name):
        """Note that nothing more comes of a request."""
        self._done.add(name)

    def is_complete(self):
        """Say whether every request has come, and is held."""
        return self._there == self._names

    def open(self, *, is_lost=False):
        """Let the requests go on, or be lost; return when the proxy has done with them."""
        self._is_lost = is_lost
        self._opened.set()
        assert wait_until(lambda: self._there == self._done, _LONGEST_S)


class KillProxy(FaultProxy):
    """A proxy whose sandbox can be exchanged, and which can hold several requests at once."""

    def __init__(self):
        """Open before no sandbox at all."""
        super().__init__(None)
        self.serve(None)

    def serve(self, sandbox):
        """Stand before this sandbox from now on, with nothing held and nothing done."""
        self._sandbox = sandbox
        self._hold = Hold((), is_after=False)
        self.mutations = []

    def hold(self, names, *, is_after):
        """Hold these requests when they come."""
        self._hold = Hold(names, is_after=is_after)
        return self._hold

    def _drawn(self, line):
        return self._judged

    def _judged(self, exchange):
        name, hold = name_of(exchange.request), self._hold
        with self._lock:
            is_held = hold.takes(name)
        if not is_held:
            return exchange.say(*self._handled(name, exchange))
        try:
            return self._held(name, hold, exchange)
        finally:
            hold.finish(name)

    def _held(self, name, hold, exchange):
        if not hold.is_after and not hold.wait_here(name):
            return False
        answer = self._handled(name, exchange)
        if hold.is_after:
            hold.wait_here(name)
        return exchange.say(*answer)

    def _handled(self, name, exchange):
        status, body = exchange.handled()
        if exchange.request.method != "GET" and exchange.request.line != LOGIN and status < 300:
            self.mutations.append(name)
        return status, body
