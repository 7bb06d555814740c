"""How large a stack is, and what is said at which size."""

import json

import pytest
from exports import bucket, export, grant, user

from pulumi_conduit.cli.doctor.findings import Code, Examined
from pulumi_conduit.cli.doctor.machine import size

SKIP = {"PULUMI_SKIP_CHECKPOINTS": "true"}


@pytest.fixture
def pulumi(tmp_path, monkeypatch):
    """Return a function that puts a `pulumi` on PATH which exports so many resources from a backend."""

    def put(count, others=0, url="file:///state", export_text=None):
        people = [user(f"u{n}@acme.example") for n in range(count)]
        text = export_text or export(*people, *(bucket(f"b{n}") for n in range(others)))
        (tmp_path / "export").write_text(text, encoding="utf-8")
        (tmp_path / "whoami").write_text(json.dumps({"user": "me", "url": url}), encoding="utf-8")
        script = tmp_path / "pulumi"
        script.write_text(
            f"#!/bin/sh\ntest $1 = stack && cat {tmp_path}/export || cat {tmp_path}/whoami\n", encoding="utf-8"
        )
        script.chmod(0o700)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    return put


def _codes(environ=None):
    return [one.code for one in size(Examined(environ or {}, stack="dev"))]


def test_a_stack_is_counted(pulumi):
    """By kind, and what there is of others; the backend by its kind only."""
    pulumi(
        0, export_text=export(user("a@b.c"), grant("a@b.c", 2), grant("a@b.c", 3), bucket()), url="s3://me:hunter2@x"
    )

    (finding,) = size(Examined({}, stack="dev"))

    expected = "proj/dev has 3 resources of ours (2 of kind grant, 1 of kind user) and 1 of others; its backend"
    assert (Code.SIZE, f"{expected} is s3") == (finding.code, finding.text)


@pytest.mark.parametrize(
    ("count", "others", "environ", "expected"),
    [
        (199, 0, {}, []),
        (200, 0, {}, [Code.CHECKPOINTS]),
        (200, 1, {}, [Code.CHECKPOINTS]),
        (200, 0, SKIP, [Code.CHECKPOINTS_SKIPPED]),
        (1, 1, SKIP, [Code.CHECKPOINTS_UNSAFE]),
        (1, 1, {"PULUMI_SKIP_CHECKPOINTS": "false"}, []),
        (3000, 0, SKIP, [Code.CHECKPOINTS_SKIPPED, Code.SEVERAL_STACKS]),
    ],
)
def test_what_is_said_depends_on_size_and_company(pulumi, count, others, environ, expected):
    """Checkpoints may be skipped only where all resources are ours."""
    pulumi(count, others)

    assert [Code.SIZE, *expected] == _codes(environ)


def test_the_advice_names_the_variable_or_forbids_it(pulumi):
    """Alone, beside others, and where it is set although others are there."""
    pulumi(200)
    assert "set PULUMI_SKIP_CHECKPOINTS=true; after a kill run the same program again" == (
        list(size(Examined({}, stack="dev")))[1].advice
    )
    pulumi(200, 1)
    assert "cannot be skipped" in list(size(Examined({}, stack="dev")))[1].text
    assert list(size(Examined(SKIP, stack="dev")))[1].advice.startswith("unset it for this stack")


def test_a_backend_that_is_managed_needs_no_advice_about_checkpoints(pulumi):
    """It does not write the whole state after every step."""
    pulumi(200, url="https://app.pulumi.com/me")

    assert [Code.SIZE] == _codes()


@pytest.mark.parametrize("broken", ["export", "backend"])
def test_a_stack_that_cannot_be_looked_at_is_a_problem(pulumi, broken):
    """With the reason."""
    pulumi(1, **({"export_text": "{}"} if broken == "export" else {"url": None}))

    (finding,) = size(Examined({}, stack="dev"))

    assert Code.SIZE_UNKNOWN is finding.code
    assert finding.text.startswith(
        ("stack dev is not an export of a stack", "`pulumi whoami` does not say which backend")
    )


def test_without_a_stack_nothing_is_counted():
    """Nor is the CLI asked."""
    assert [] == list(size(Examined({})))
