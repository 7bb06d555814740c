"""The lifecycle walker of the resource tests, borrowed: what the engine would do, over the handlers and real HTTP."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_RESOURCES = Path(__file__).parents[1] / "resources"


def _borrowed(name):
    # By path: `conftest` names another file in every folder of tests.
    spec = importlib.util.spec_from_file_location(f"borrowed_{name}", _RESOURCES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


sys.path.insert(0, str(_RESOURCES))
_declarations = _borrowed("declarations")
Stack = _borrowed("conftest").Stack
PreviewFailedError = _declarations.PreviewFailedError
account_list, company, grant, user = (
    _declarations.account_list,
    _declarations.company,
    _declarations.grant,
    _declarations.user,
)
