"""Columns that are as wide as their widest cell, as Go's ``text/tabwriter`` aligns them.

A cell is text ended by a tab; the text after the last tab of a line belongs to no column. A column
is a run of consecutive lines that have such a cell, so tables and lists of fields can be mixed, as
``kubectl describe`` does.
"""

from __future__ import annotations


def align(text: str, padding: int = 2, min_width: int = 0) -> str:
    """Replace the tabs of `text` by the blanks that align its columns.

    Parameters
    ----------
    padding : int
        Blanks between the widest cell of a column and the next column.
    min_width : int
        The least width of a column, padding included.

    Notes
    -----
    The elastic tabstops of ``tabwriter.Writer.format``; ``kubectl describe`` uses padding 2.
    """
    lines = [line.split("\t") for line in text.split("\n")]
    out: list[str] = []

    def write(first: int, last: int, widths: list[int]) -> None:
        for cells in lines[first:last]:
            padded = [c.ljust(widths[i]) if i < len(widths) else c for i, c in enumerate(cells)]
            out.append("".join(padded))

    def arrange(first: int, last: int, widths: list[int]) -> None:
        column = len(widths)
        current = first
        while current < last:
            if column >= len(lines[current]) - 1:
                current += 1
                continue
            write(first, current, widths)
            first = current
            width = min_width
            while current < last and column < len(lines[current]) - 1:
                width = max(width, len(lines[current][column]) + padding)
                current += 1
            arrange(first, current, [*widths, width])
            first = current
        write(first, last, widths)

    arrange(0, len(lines), [])
    return "\n".join(out)


class TableWriter:
    """Rows printed as they come, with the widths of what has been printed so far.

    A cell wider than all before shifts the rest of its own row, and widens its column from then
    on: this is how the rows of ``kubectl get --watch`` move to the right.

    Notes
    -----
    ``GetNewTabWriter`` (``cli-runtime/pkg/printers/tabwriter.go``): at least 6 characters a
    column, 3 blanks between columns, widths remembered.
    """

    def __init__(self, padding: int = 3, min_width: int = 6) -> None:
        self._padding = padding
        self._min_width = min_width
        self._widths: list[int] = []

    def write(self, rows: list[list[str]]) -> list[str]:
        """Return the lines of rows that are printed together."""
        for row in rows:
            for column, cell in enumerate(row[:-1]):
                if column == len(self._widths):
                    self._widths.append(self._min_width)
                self._widths[column] = max(self._widths[column], len(cell) + self._padding)
        return [
            "".join([c.ljust(w) for c, w in zip(row, self._widths, strict=False)][: len(row) - 1])
            + row[-1]
            for row in rows
        ]
