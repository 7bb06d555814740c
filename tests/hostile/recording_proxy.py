"""A front of the sandbox that records every request and response, and so learns the secrets that the APIs give out."""

from __future__ import annotations

import json

from fault_proxy import FaultProxy

_TOKENS_OF_LOGIN = {"access": "accessToken", "id": "idToken", "refresh": "refreshToken"}


class RecordingProxy(FaultProxy):
    """Stands in for the sandbox, where only its settings are asked for."""

    def __init__(self, sandbox, canaries, *, link_app):
        """Take the sandbox, the Link APP to use, and the canaries to add to."""
        self._app = link_app
        self._canaries = canaries
        self.received = []
        super().__init__(sandbox)

    def environ(self):
        """Return the settings that lead here."""
        link = self._sandbox.link_url
        given = self._sandbox.environ(link_app=self._app)
        return {name: text.replace(link, self.url) if name.endswith("_URL") else text for name, text in given.items()}

    def _drawn(self, line):
        return self._record

    def _record(self, exchange):
        status, body = exchange.handled()
        self.received.append(exchange.request)
        self._learn(body)
        return exchange.say(status, body)

    def _learn(self, body):
        try:
            answer = json.loads(body)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        for name, key in _TOKENS_OF_LOGIN.items():
            if key in answer:
                self._canaries.add(name, answer[key])
        if isinstance(answer.get("api_token"), dict):
            self._canaries.add("company", answer["api_token"]["token"])
