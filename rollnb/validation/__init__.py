"""What the API server refuses, and in which words.

Functions from values to errors (`FieldError`), in the order in which Kubernetes 1.36 finds them;
`validate` puts them together for an object and raises `Invalid`, whose text is kubectl's. What
Python functions are given is checked by `check_number` and its neighbours.
"""

from rollnb.validation.arguments import (
    check_field,
    check_flag,
    check_mapping,
    check_number,
    check_values,
)
from rollnb.validation.asked import (
    check_container,
    check_taints,
    check_toleration,
    check_workload,
)
from rollnb.validation.errors import FieldError, Invalid, line_of, quote, to_json
from rollnb.validation.numbers import (
    at_most_100_percent,
    daemonset_rolling_update,
    deployment_rolling_update,
    int_or_percent,
    nonnegative,
    statefulset_rolling_update,
)
from rollnb.validation.workloads import (
    check_pods,
    daemonset_pace,
    deployment_pace,
    statefulset_pace,
    validate,
)

__all__ = [
    "FieldError",
    "Invalid",
    "at_most_100_percent",
    "check_container",
    "check_field",
    "check_flag",
    "check_mapping",
    "check_number",
    "check_pods",
    "check_taints",
    "check_toleration",
    "check_values",
    "check_workload",
    "daemonset_pace",
    "daemonset_rolling_update",
    "deployment_pace",
    "deployment_rolling_update",
    "int_or_percent",
    "line_of",
    "nonnegative",
    "quote",
    "statefulset_pace",
    "statefulset_rolling_update",
    "to_json",
    "validate",
]
