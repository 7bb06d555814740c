"""What the roster's tests share: the hostile corpus, and Hypothesis without hurry."""

import sys
from pathlib import Path

from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parents[1] / "hostile"))

settings.register_profile("rosters", deadline=None, derandomize=True, database=None, max_examples=100)
settings.load_profile("rosters")
