"""What the roster's tests share: the hostile corpus."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))
