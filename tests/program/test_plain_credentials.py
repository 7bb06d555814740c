"""Credentials in stack config that are not encrypted are refused before anything is declared."""

import json

import pulumi
import pytest
from pulumi.runtime import mocks

import pulumi_conduit as conduit
from pulumi_conduit.program import dynamic_resource

PASSWORD = "conduit:conductorPassword"
TOKEN = "conduit:linkAppToken"
PROFILES = "conduit:profiles"


class Echo(mocks.Mocks):
    """Stands in for the engine."""

    def new_resource(self, args):
        """Echo the inputs."""
        return args.name, args.inputs

    def call(self, args):
        """No function of the engine is used."""
        raise AssertionError(args.token)


@pytest.fixture
def declare(monkeypatch):
    """Declare a company in a program with this stack config, as if an engine ran it."""

    def declare(config, secret=()):
        monkeypatch.setattr(dynamic_resource, "are_mocks_set", lambda: False)
        pulumi.runtime.set_all_config(config, list(secret))
        mocks.set_mocks(Echo(), preview=False)
        return conduit.Company("acme", company_id="ACME")

    yield declare
    pulumi.runtime.set_all_config({}, [])


@pytest.mark.parametrize(
    ("config", "command"),
    [
        ({PASSWORD: "pw-1"}, "pulumi config set --secret conduit:conductorPassword"),
        ({TOKEN: "pw-1"}, "pulumi config set --secret conduit:linkAppToken"),
        ({TOKEN: "pw-1", "conduit:linkUrl": "https://link.example"}, "pulumi config set --secret conduit:linkAppToken"),
        (
            {PROFILES: json.dumps({"a": {}, "b": {"conductorPassword": "pw-1"}})},
            "pulumi config set --path --secret conduit:profiles.b.conductorPassword",
        ),
        (
            {PROFILES: json.dumps({"a": {"nonsense": "1"}, "b": {"linkAppToken": "pw-1"}})},
            "pulumi config set --path --secret conduit:profiles.b.linkAppToken",
        ),
        (
            {PASSWORD: "pw-1", "conduit:conductorUrl": "https://127.0.0.1.evil.example"},
            "pulumi config set --secret conduit:conductorPassword",
        ),
    ],
)
def test_a_credential_that_is_not_encrypted_is_refused_with_the_command(declare, config, command):
    """The value is told to nobody; a profile with another fault hides none of its neighbour's."""
    with pytest.raises(conduit.InvalidInputError, match="is not encrypted") as caught:
        declare(config)

    assert f"`{command}`" in str(caught.value)
    assert "pw-1" not in str(caught.value)


def test_both_credentials_are_named_in_one_message(declare):
    """A user who mends one is not sent back for the other."""
    with pytest.raises(conduit.InvalidInputError, match=f"^{TOKEN}, {PASSWORD} in stack config"):
        declare({PASSWORD: "pw-1", TOKEN: "pw-2"})


@pytest.mark.parametrize(
    ("config", "secret"),
    [
        ({PASSWORD: "pw-1"}, [PASSWORD]),
        ({PASSWORD: "pw-1", "conduit:conductorUrl": "http://127.0.0.1:1"}, []),
        ({TOKEN: "pw-1", "conduit:linkUrl": "http://localhost:1"}, []),
        ({PROFILES: json.dumps({"b": {"conductorPassword": "p", "conductorUrl": "http://[::1]:1"}})}, []),
        ({PROFILES: json.dumps({"b": {"conductorPassword": "p"}})}, [PROFILES]),
        ({PROFILES: json.dumps({"b": {"conductorUrl": "https://c.example"}})}, []),
        ({"conduit:conductorUrl": "https://c.example", "conduit:conductorUsername": "u"}, []),
        ({PROFILES: "not JSON"}, []),
    ],
)
def test_what_is_encrypted_or_for_loopback_is_not_refused(declare, config, secret):
    """A URL is no secret; profiles that cannot be read are an error at their first use."""
    assert isinstance(declare(config, secret), conduit.Company)


def test_a_unit_test_under_mocks_is_not_refused():
    """No state is written under mocks."""
    pulumi.runtime.set_all_config({PASSWORD: "pw-1"}, [])
    mocks.set_mocks(Echo(), preview=False)
    try:
        assert isinstance(conduit.Company("acme", company_id="ACME"), conduit.Company)
    finally:
        pulumi.runtime.set_all_config({}, [])


def test_each_program_is_looked_at_once(monkeypatch):
    """Ten thousand resources read the stack config once; another program in the same process is looked at anew."""
    programs = [pulumi.Resource("test:index:Program", f"plain-{n}", custom=False, dependency=True) for n in range(2)]
    monkeypatch.setattr(dynamic_resource, "are_mocks_set", lambda: False)
    monkeypatch.setattr(dynamic_resource, "get_root_resource", lambda: programs[0])
    dynamic_resource.refuse_plain_credentials()
    pulumi.runtime.set_all_config({PASSWORD: "pw-1"}, [])
    try:
        dynamic_resource.refuse_plain_credentials()
        monkeypatch.setattr(dynamic_resource, "get_root_resource", lambda: programs[1])
        for _ in range(2):
            with pytest.raises(conduit.InvalidInputError, match="is not encrypted"):
                dynamic_resource.refuse_plain_credentials()
    finally:
        pulumi.runtime.set_all_config({}, [])
