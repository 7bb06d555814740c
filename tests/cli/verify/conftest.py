"""`verify` as its users call it, against the sandbox, whose clock goes on where the command would wait."""

import json
import time
from types import SimpleNamespace

import pytest
from json_schemas import errors

from pulumi_conduit.cli.verify import caller

USER = "you+conduit@corp.example"
COMPANY = "CONDUITTEST"


@pytest.fixture
def verify(sandbox, call, monkeypatch, tmp_path):
    """Return a function that runs `verify` on the test user and company, and returns its result with the report."""
    for name, value in sandbox.environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(caller, "time", SimpleNamespace(sleep=sandbox.advance, time=time.time))

    def run(*options, subjects=("--user", USER, "--company", COMPANY), answer="--yes"):
        report = tmp_path / "report.json"
        answers = (answer,) if answer and "--read-only" not in options else ()
        result = call("verify", *subjects, *answers, "--report", report, "--force", *options)
        result.report = json.loads(report.read_text(encoding="utf-8")) if report.exists() else None
        assert result.report is None or errors("verify", result.report) == []
        return result

    return run


@pytest.fixture
def touched(sandbox):
    """Return a function that gives every user and company that a request so far was about, by path."""

    def subjects():
        paths = [entry["path"] for entry in sandbox.requests]
        return {part for path in paths for part in path.split("/") if "@" in part or part.isupper()}

    return subjects
