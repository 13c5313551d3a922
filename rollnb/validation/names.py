"""Rules about names, labels, annotations and selectors.

``apimachinery/pkg/util/validation/validation.go`` and ``content/`` beside it,
``apimachinery/pkg/apis/meta/v1/validation/validation.go`` and
``apimachinery/pkg/api/validation/objectmeta.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from rollnb.validation.errors import (
    FieldError,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = _LABEL + r"(\." + _LABEL + ")*"
_DNS_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_QUALIFIED})?"


def _regex_error(words: str, pattern: str, *examples: str) -> str:
    shown = ",  or ".join(f"'{example}'" for example in examples)
    return f"{words} (e.g. {shown}, regex used for validation is '{pattern}')"


def _too_long(limit: int) -> str:
    return f"must be no more than {limit} bytes"


def dns_label(name: str) -> list[str]:
    """Say what a name lacks to be a label of a DNS name, as containers have."""
    problems = [_too_long(63)] if len(name.encode()) > 63 else []
    if not re.fullmatch(_LABEL, name):
        words = (
            "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "
            "'-', and must start and end with an alphanumeric character"
        )
        problems.append(_regex_error(words, _LABEL, "my-name", "123-abc"))
    return problems


def dns_subdomain(name: str) -> list[str]:
    """Say what a name lacks to be a DNS name, as most objects have."""
    problems = [_too_long(253)] if len(name.encode()) > 253 else []
    if not re.fullmatch(_SUBDOMAIN, name):
        words = (
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, "
            "'-' or '.', and must start and end with an alphanumeric character"
        )
        problems.append(_regex_error(words, _SUBDOMAIN, "example.com"))
    return problems


def dns_1035_label(name: str) -> list[str]:
    """Say what a name lacks to be that of a Service."""
    problems = [_too_long(63)] if len(name.encode()) > 63 else []
    if not re.fullmatch(_DNS_1035, name):
        words = (
            "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start "
            "with an alphabetic character, and end with an alphanumeric character"
        )
        problems.append(_regex_error(words, _DNS_1035, "my-name", "abc-123"))
    return problems


def path_segment(name: str) -> list[str]:
    """Say what a name lacks to be part of an address, which is all that some kinds ask for.

    Notes
    -----
    ``IsValidPathSegmentName`` (``apimachinery/pkg/api/validation/path/name.go``).
    """
    if name in (".", ".."):
        return [f"may not be '{name}'"]
    return [f"may not contain '{part}'" for part in "/%" if part in name]


def qualified_name(name: str) -> list[str]:
    """Say what is wrong with the key of a label: ``app``, or ``example.com/app``."""
    prefix, slash, last = name.rpartition("/")
    words = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"  # noqa: E501
    problem = _regex_error(words, _QUALIFIED, "MyName", "my.name", "123-abc")
    if "/" in prefix:
        return [
            "a qualified name "
            + problem
            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    problems = []
    if slash:
        if not prefix:
            problems.append("prefix part must be non-empty")
        problems += [f"prefix part {text}" for text in dns_subdomain(prefix) if prefix]
    if not last:
        problems.append("name part must be non-empty")
    elif len(last.encode()) > 63:
        problems.append(f"name part {_too_long(63)}")
    if not re.fullmatch(_QUALIFIED, last):
        problems.append(f"name part {problem}")
    return problems


def label_value(value: str) -> list[str]:
    """Say what is wrong with the value of a label; it may be empty."""
    problems = [_too_long(63)] if len(value.encode()) > 63 else []
    if not re.fullmatch(_VALUE, value):
        words = (
            "a valid label must be an empty string or consist of alphanumeric characters, '-', "
            "'_' or '.', and must start and end with an alphanumeric character"
        )
        problems.append(_regex_error(words, _VALUE, "MyValue", "my_value", "12345"))
    return problems


def labels(given: Mapping[str, str] | None, field: str) -> list[FieldError]:
    """Errors in labels, or in a node selector."""
    errors = []
    for key, value in sorted((given or {}).items()):
        errors += [invalid(field, key, problem) for problem in qualified_name(key)]
        errors += [invalid(field, value, problem) for problem in label_value(value)]
    return errors


def annotations(given: Mapping[str, str] | None, field: str) -> list[FieldError]:
    """Errors in annotations: any text will do, of any case in its key."""
    return [
        invalid(field, key, problem)
        for key in sorted(given or {})
        for problem in qualified_name(key.lower())
    ]


def metadata(given: Mapping[str, Any], check: Callable[[str], list[str]]) -> list[FieldError]:
    """Errors in an object's name, labels and annotations."""
    errors, name, base = [], given.get("name", ""), given.get("generateName", "")
    if base:
        # A name that will be completed may end in a dash.
        stem = base[:-1] + "a" if base.endswith("-") else base
        errors += [invalid("metadata.generateName", base, problem) for problem in check(stem)]
    if name:
        errors += [invalid("metadata.name", name, problem) for problem in check(name)]
    elif not base:
        errors.append(required("metadata.name", "name or generateName is required"))
    namespace = given.get("namespace", "")
    if namespace:
        errors += [invalid("metadata.namespace", namespace, p) for p in dns_label(namespace)]
    errors += labels(given.get("labels"), "metadata.labels")
    return errors + annotations(given.get("annotations"), "metadata.annotations")


def metadata_update(new: Mapping[str, Any], old: Mapping[str, Any]) -> list[FieldError]:
    """Errors in changed metadata: an object keeps its name and namespace."""
    errors = [
        invalid(f"metadata.{key}", new.get(key, ""), "field is immutable")
        for key in ("name", "namespace")
        if key in old and new.get(key, old[key]) != old[key]
    ]
    errors += labels(new.get("labels"), "metadata.labels")
    return errors + annotations(new.get("annotations"), "metadata.annotations")


_NEEDS_VALUES = "must be specified when `operator` is 'In' or 'NotIn'"
_NO_VALUES = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"


def label_selector(selector: Mapping[str, Any] | None, field: str) -> list[FieldError]:
    """Errors in ``matchLabels`` and ``matchExpressions``."""
    selector = selector or {}
    errors = labels(selector.get("matchLabels"), f"{field}.matchLabels")
    for i, term in enumerate(selector.get("matchExpressions") or []):
        path = f"{field}.matchExpressions[{i}]"
        operator, values = term.get("operator", ""), term.get("values") or []
        if operator in ("In", "NotIn"):
            if not values:
                errors.append(required(f"{path}.values", _NEEDS_VALUES))
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                errors.append(forbidden(f"{path}.values", _NO_VALUES))
        else:
            errors.append(invalid(f"{path}.operator", operator, "not a valid selector operator"))
        key = term.get("key", "")
        errors += [invalid(f"{path}.key", key, problem) for problem in qualified_name(key)]
        errors += [
            invalid(f"{path}.values[{j}]", value, problem)
            for j, value in enumerate(values)
            for problem in label_value(value)
        ]
    return errors


def selects(selector: Mapping[str, Any] | None, given: Mapping[str, str] | None) -> bool:
    """Answer whether a selector matches labels; an absent one matches none, an empty one all.

    Notes
    -----
    ``LabelSelectorAsSelector`` (``apimachinery/pkg/apis/meta/v1/helpers.go``).
    """
    if selector is None:
        return False
    given = given or {}
    for key, value in (selector.get("matchLabels") or {}).items():
        if given.get(key) != value:
            return False
    for term in selector.get("matchExpressions") or []:
        key, values = term["key"], term.get("values") or []
        matches = {
            "In": given.get(key) in values,
            "NotIn": given.get(key) not in values,
            "Exists": key in given,
            "DoesNotExist": key not in given,
        }
        if not matches[term["operator"]]:
            return False
    return True


def is_empty(selector: Mapping[str, Any] | None) -> bool:
    """Answer whether a selector is there but names no label."""
    return selector is not None and not (
        selector.get("matchLabels") or selector.get("matchExpressions")
    )


def one_of(value: str, supported: list[str], field: str) -> list[FieldError]:
    """Check that a word is there, and one of a few."""
    if not value:
        return [required(field)]
    return [] if value in supported else [not_supported(field, value, supported)]


def unique(names: list[str], path: str, field: str) -> list[FieldError]:
    """Check that each name in a list is there once."""
    return [
        duplicate(f"{path}[{i}].{field}", name)
        for i, name in enumerate(names)
        if name and name in names[:i]
    ]


def go_selector(selector: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a selector as messages show it: fields in the order of the Go struct."""
    if selector is None:
        return None
    labels = dict(sorted((selector.get("matchLabels") or {}).items()))
    shown = {"matchLabels": labels, "matchExpressions": selector.get("matchExpressions")}
    return {field: value for field, value in shown.items() if value}
