"""What can be wrong with a manifest before anyone looks at its rules, in kubectl's words."""

from __future__ import annotations


class ManifestError(ValueError):
    """A text that is no manifest, or an object that does not have the fields of its kind.

    ``str()`` is for people who call from Python: the sentence, the line and a way out. `text` and
    `kubectl` are what kubectl says, which does not always know the line.

    Attributes
    ----------
    text : str
        The sentence in kubectl's or the API server's words.
    line : int, optional
        Where in the text that was read, counted from 1.
    field : str
        The path of the field, if it is about one.
    hint : str
        What would be allowed.
    stage : str
        Where kubectl notices: ``"parsing"`` the text, ``"validating"`` that an
        object says what it is, ``"decoding"`` it, ``"mapping"`` it
        to a kind that is served, in the answer to its ``"request"``, in an ``"argument"`` or in
        the answer to a ``"patch"``.
    name, namespace : str
        Of the object; for ``"mapping"``.
    """

    def __init__(
        self,
        text: str,
        *,
        stage: str,
        line: int | None = None,
        field: str = "",
        hint: str = "",
        name: str = "",
        namespace: str = "",
    ) -> None:
        super().__init__(text)
        self.text = text
        self.stage = stage
        self.line = line
        self.field = field
        self.hint = hint
        self.name = name
        self.namespace = namespace

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line is not None else ""
        more = ": ".join(part for part in (where, self.hint) if part)
        return f"{self.text} ({more})" if more else self.text

    def kubectl(self, source: str = "", verb: str = "creating") -> str:
        """Return what kubectl prints on stderr for this error in a file.

        Parameters
        ----------
        source : str
            The file's name as given after ``-f``; ``STDIN`` for ``-``. Errors in arguments and
            patches name none.
        verb : str
            What kubectl was about to do: ``creating``, ``patching``, ``replacing`` …
        """
        if self.stage == "parsing":
            return f"error: error parsing {source}: {self.text}"
        if self.stage == "argument":
            return f"error: {self.text}"
        if self.stage == "patch":
            return f"Error from server (BadRequest): {self.text}"
        if self.stage == "validating":
            return (
                f'error: error validating "{source}": error validating data: {self.text}; '
                "if you choose to ignore these errors, turn validation off with --validate=false"
            )
        if self.stage == "decoding":
            return f'error: unable to decode "{source}": {self.text}'
        if self.stage == "mapping":
            return (
                f'error: resource mapping not found for name: "{self.name}" '
                f'namespace: "{self.namespace}" from "{source}": {self.text}\n'
                "ensure CRDs are installed first"
            )
        return f'Error from server (BadRequest): error when {verb} "{source}": {self.text}'
