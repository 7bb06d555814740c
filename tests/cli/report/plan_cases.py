"""Every scene: one for each thing that a plan can say."""

from scenes_of_people import PEOPLE
from scenes_of_plans import PLANS

__all__ = ["SCENES"]

SCENES = {**PEOPLE, **PLANS}
