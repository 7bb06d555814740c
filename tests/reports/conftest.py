"""What the tests of reports share."""

import sys
from pathlib import Path

# The corpus of names that attack whoever prints them.
sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))
