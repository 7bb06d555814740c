"""Stands in for `python3 -m venv`: a real one, made without pip, which sees what is installed for the tests."""

import sys
import sysconfig
import venv
from pathlib import Path

if __name__ == "__main__":
    (folder,) = sys.argv[1:]
    venv.EnvBuilder(symlinks=True).create(folder)
    (packages,) = Path(folder).glob("lib/python*/site-packages")
    line = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (packages / "of_the_tests.pth").write_text(line, encoding="utf-8")
