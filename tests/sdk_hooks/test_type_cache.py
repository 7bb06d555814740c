"""The types of a resource class: as the SDK finds them, and found once."""

from collections.abc import Sequence  # noqa: TC003 - evaluated by the SDK

import pulumi
import pytest
from pulumi import _types

import pulumi_conduit as conduit
from pulumi_conduit.sdk_hooks import type_cache

OURS = [conduit.Company, conduit.ConductorUser, conduit.UserAccountAccess, conduit.UserAccountAccessExclusive]


class Bucket(pulumi.CustomResource):
    """A resource of another package, whose annotations are text, and which has a property."""

    acl: "pulumi.Output[str | None]"
    tags: "pulumi.Output[Sequence[str]]"

    @property
    @pulumi.getter(name="websiteEndpoint")
    def website_endpoint(self) -> pulumi.Output[int]:
        """Return it."""
        return pulumi.get(self, "website_endpoint")


@pytest.fixture
def untouched():
    """Give the SDK's own function, and install the hook."""
    found = _types.resource_types
    type_cache.install(None)
    return found


@pytest.mark.parametrize("kind", [*OURS, Bucket], ids=lambda one: one.__name__)
def test_the_types_are_the_sdk_s(untouched, kind):
    """For the first resource and for the next."""
    expected = untouched(kind)

    assert expected
    assert [expected, expected] == [_types.resource_types(kind), _types.resource_types(kind)]


def test_annotations_are_evaluated_once(untouched, mocker):
    """The SDK does so for every resource; those of Python properties newer ones keep themselves."""
    untouched(Bucket)
    evaluate = mocker.spy(_types, "get_type_hints")

    untouched(Bucket)
    for_one = evaluate.call_count
    for _ in range(5):
        _types.resource_types(Bucket)

    assert for_one > 0
    assert 2 * for_one == evaluate.call_count


def test_annotations_that_cannot_be_evaluated_fail_each_time(untouched):
    """A name may be defined later."""

    class Broken(pulumi.CustomResource):
        acl: "pulumi.Output[NotYet]"  # type: ignore[name-defined]  # noqa: F821 - what this is about

    for _ in range(2):
        with pytest.raises(NameError):
            _types.resource_types(Broken)


def test_what_a_caller_does_to_the_types_concerns_no_other_caller(untouched):
    """The SDK hands out a new dictionary each time."""
    _types.resource_types(Bucket).clear()

    assert untouched(Bucket) == _types.resource_types(Bucket)
