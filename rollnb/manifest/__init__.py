"""Manifests: YAML to objects to the model's values, and back.

- `read` takes texts, files and objects apart; `dump` writes YAML as kubectl does;
- `admit` does what the API server does with an object: it decodes strictly, completes and
  validates; `complete` and `validate` are its parts;
- `parse` and `template` make the values that the model computes with; `render` the way back.

Errors are `ManifestError`, for what cannot be read, and `Invalid`, for what breaks a rule; both
are a ValueError and know the line of the YAML.
"""

from rollnb.manifest.admission import admit, bad_patch, check_pods, check_served, validate
from rollnb.manifest.defaults import complete
from rollnb.manifest.dumping import dump
from rollnb.manifest.errors import ManifestError
from rollnb.manifest.hashing import template_hash
from rollnb.manifest.parsing import parse, parse_template, template
from rollnb.manifest.quantity import format_quantity, parse_quantity
from rollnb.manifest.reading import Document, read
from rollnb.manifest.rendering import (
    render,
    render_node_spec,
    render_template,
    render_tolerations,
)
from rollnb.validation import FieldError, Invalid

__all__ = [
    "Document",
    "FieldError",
    "Invalid",
    "ManifestError",
    "admit",
    "bad_patch",
    "check_pods",
    "check_served",
    "complete",
    "dump",
    "format_quantity",
    "parse",
    "parse_quantity",
    "parse_template",
    "read",
    "render",
    "render_node_spec",
    "render_template",
    "render_tolerations",
    "template",
    "template_hash",
    "validate",
]
