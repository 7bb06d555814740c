"""The `Stack` of the resource tests for other folders: what the engine would do, over the handlers and real HTTP."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from declarations import PreviewFailedError, account_list, company, grant, user

__all__ = ["PreviewFailedError", "Stack", "account_list", "company", "grant", "user"]

_CONFTEST = Path(__file__).parents[1] / "resources" / "conftest.py"


def _load_conftest():
    # By path, because `conftest` names another file in every folder of tests.
    spec = importlib.util.spec_from_file_location("conftest_of_resources", _CONFTEST)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


Stack = _load_conftest().Stack
