"""The machine that measured, as far as it explains the numbers: no host name, no user, no path."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.runners import engine_label, versions

__all__ = ["described", "load"]

_PACKAGES = ("pulumi", "requests", "grpcio", "pulumi-conduit")


def described() -> dict[str, str]:
    """Return what a reader needs to know about this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": str(os.cpu_count()),
        "processor": _processor(),
        "memory": f"{memory:.0f} GiB",
        "system": _system(),
        "Python": platform.python_version(),
        "engine": engine_label(),
        **versions(),
        **{f"{name} (package)": version(name) for name in _PACKAGES},
    }


def load() -> float:
    """Return how many processes wanted a core in the last minute."""
    return round(os.getloadavg()[0], 2)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _system() -> str:
    try:
        return f"{platform.system()}, {platform.freedesktop_os_release()['PRETTY_NAME']}"
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"
