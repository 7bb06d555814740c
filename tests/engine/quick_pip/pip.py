"""Answers the language host in pip's place, which takes seconds to say that none of its packages is a plugin."""

import sys

if __name__ == "__main__":
    sys.stdout.write("[]" if "list" in sys.argv else "pip 25.1 from here (python 3)\n")
