"""The error of patches."""


class PatchError(ValueError):
    """A patch that cannot be carried out on this object."""
