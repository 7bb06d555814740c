"""Audits what the package brings along against the index of known vulnerabilities, and writes its bill of materials.

Exit codes: 0 nothing known is wrong, or nobody could be asked, which is said; 1 something is known to be wrong; 3 as
AUDIT_REQUIRED=1 wants it, nobody could be asked. Takes the environment to audit, and the file for the bill.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

OURSELVES = "pulumi-conduit"


def asked(site_packages: str) -> list[dict[str, Any]]:
    """Return what the index says about each installed package; nothing if it could not be asked at all."""
    command = [sys.executable, "-m", "pip_audit", "--path", site_packages, "--format", "json", "--progress-spinner=off"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    try:
        return list(json.loads(answer.stdout)["dependencies"])
    except (ValueError, KeyError):
        sys.stderr.write(answer.stderr.strip().rpartition("\n")[2] + "\n")
        return []


def verdict(dependencies: list[dict[str, Any]], *, is_required: bool) -> tuple[int, list[str]]:
    """Return the exit code and what to print: a package that nobody could be asked about is never called safe."""
    others = [each for each in dependencies if each["name"].lower() != OURSELVES]
    known = [f"{each['name']} {each['version']}: {bug['id']}" for each in others for bug in each.get("vulns", [])]
    unasked = [each["name"] for each in others if "skip_reason" in each]
    if known:
        return 1, ["known to be vulnerable:", *known]
    if unasked or not others:
        what = f"{len(unasked)} of {len(others)} packages" if others else "anything"
        return 3 * is_required, [f"NOT AUDITED: no index of vulnerabilities answered for {what}"]
    return 0, [f"nothing known is wrong; packages audited: {len(others)}"]


def write_bill(python: str, path: Path) -> None:
    """Write the bill of materials of an environment, which takes no network."""
    path.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "cyclonedx_py", "environment", python, "--output-file", str(path)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command


def main() -> int:
    """Audit, and write."""
    environment, bill = Path(sys.argv[1]), Path(sys.argv[2])
    write_bill(str(environment / "bin" / "python"), bill)
    sys.stdout.write(f"bill of materials: {bill}\n")
    site_packages = next(environment.glob("lib/python3*/site-packages"))
    code, lines = verdict(asked(str(site_packages)), is_required=os.environ.get("AUDIT_REQUIRED") == "1")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return code


if __name__ == "__main__":
    raise SystemExit(main())
