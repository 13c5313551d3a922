"""Columns that are as wide as their widest cell, as Go's ``text/tabwriter`` aligns them.

A cell is text ended by a tab; the text after the last tab of a line belongs to no column. A column
is a run of consecutive lines that have such a cell, so tables and lists of fields can be mixed, as
``kubectl describe`` does.
"""

from __future__ import annotations

#: Of a table: the least characters of a column, and the blanks between two.
MIN_WIDTH, PADDING = 6, 3


def align(text: str) -> str:
    """Replace the tabs of `text` by the blanks that align its columns: two behind the widest cell.

    Notes
    -----
    The elastic tabstops of ``tabwriter.Writer.format``, as ``kubectl describe`` uses them.
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
            width = 0
            while current < last and column < len(lines[current]) - 1:
                width = max(width, len(lines[current][column]) + 2)
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
    ``GetNewTabWriter`` (``cli-runtime/pkg/printers/tabwriter.go``): widths are remembered.
    """

    def __init__(self) -> None:
        self._widths: list[int] = []

    def write(self, rows: list[list[str]]) -> list[str]:
        """Return the lines of rows that are printed together."""
        for row in rows:
            for column, cell in enumerate(row[:-1]):
                if column == len(self._widths):
                    self._widths.append(MIN_WIDTH)
                self._widths[column] = max(self._widths[column], len(cell) + PADDING)
        return [
            "".join([c.ljust(w) for c, w in zip(row, self._widths, strict=False)][: len(row) - 1])
            + row[-1]
            for row in rows
        ]
