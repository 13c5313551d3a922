"""How well a simulation agrees with recordings of real rollouts: the measure, and its limits."""

from rollnb.agreement.limits import LARGE, Limits, limits_for
from rollnb.agreement.measure import compare
from rollnb.agreement.verdict import Agreement, table

__all__ = ["LARGE", "Agreement", "Limits", "compare", "limits_for", "table"]
