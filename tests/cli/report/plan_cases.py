"""Every case: one for each thing that a plan can say."""

from operation_cases import PLANS
from people_cases import PEOPLE

__all__ = ["PLAN_CASES"]

PLAN_CASES = {**PEOPLE, **PLANS}
