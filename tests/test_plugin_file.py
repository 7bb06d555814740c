"""What the CLI finds of the package's plugin: there is none."""

import importlib.util
import json
from importlib.metadata import distribution
from pathlib import Path


def test_the_cli_finds_that_there_is_no_plugin():
    """Without the file, the CLI takes a distribution called pulumi-… for one with a plugin, and looks for a download.

    The way to the file is that of the Python language host: from the distribution's name to the module of that name.
    """
    module = distribution("pulumi-conduit").metadata["Name"].replace("-", "_")
    spec = importlib.util.find_spec(module)
    assert spec
    assert spec.submodule_search_locations
    folder = Path(spec.submodule_search_locations[0])

    assert {"resource": False} == json.loads((folder / "pulumi-plugin.json").read_text())
