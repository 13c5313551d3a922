"""Instants and durations as kubectl prints them.

Follows ``apimachinery/pkg/util/duration/duration.go`` and ``translateTimestampSince`` of
``pkg/printers/internalversion/printers.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def human_duration(seconds: float) -> str:
    """Round a duration to two or three digits: ``119s``, ``2m1s``, ``47h``, ``2d1h``.

    Notes
    -----
    ``HumanDuration``. A clock may be up to two seconds ahead; beyond, the result is ``<invalid>``.
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    minutes, hours, days = whole // _MINUTE, whole // _HOUR, whole // _DAY
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if minutes < 10:
        return _two(minutes, "m", whole % 60, "s")
    if minutes < 3 * 60:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return _two(days, "d", hours % 24, "h")
    if days < 2 * 365:
        return f"{days}d"
    if days < 8 * 365:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _two(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large}{unit}{small}{small_unit}" if small else f"{large}{unit}"


def short_human_duration(seconds: float) -> str:
    """Round a duration to its largest unit: ``1m``, ``3h``, ``364d``.

    Notes
    -----
    ``ShortHumanDuration``.
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    for unit, size, end in (("s", 1, 60), ("m", 60, 60), ("h", 3600, 24), ("d", _DAY, 365)):
        if whole // size < end:
            return f"{whole // size}{unit}"
    return f"{whole // _DAY // 365}y"


def unix(timestamp: str) -> float:
    """Return the unix seconds of an API timestamp (``2026-11-25T19:17:30Z``)."""
    return datetime.fromisoformat(timestamp).timestamp()


def timestamp(unix_seconds: float) -> str:
    """Return the API timestamp of unix seconds; the API keeps whole seconds only."""
    return datetime.fromtimestamp(int(unix_seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def age(timestamp: str | None, now: float) -> str:
    """Return the AGE cell of something that happened at `timestamp`, at the unix second `now`.

    Notes
    -----
    ``translateTimestampSince``.
    """
    return human_duration(now - unix(timestamp)) if timestamp else "<unknown>"


def rfc1123(timestamp: str | None) -> str:
    """Return a timestamp as ``describe`` prints it: ``Wed, 25 Nov 2026 19:17:30 +0000``."""
    if not timestamp:
        return "Mon, 01 Jan 0001 00:00:00 +0000"
    when = datetime.fromisoformat(timestamp)
    # Names of days and months are English whatever the locale, hence no %a and %b.
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[when.weekday()]
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    month = months[when.month - 1]
    return f"{day}, {when.day:02} {month} {when.year:04} {when:%H:%M:%S} +0000"


def go_duration(seconds: float) -> str:
    """Write a duration of a second or more as Go does: ``4s``, ``1m30s``, ``1h0m0s``."""
    minutes, rest = divmod(seconds, _MINUTE)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{round(rest, 9):g}s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text


_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def parse_go_duration(text: str) -> float:
    """Return the seconds of ``90s``, ``1m30s``, ``1.5h`` or ``0``.

    Raises
    ------
    ValueError
        If the text has no unit or an unknown one, in the words of Go's ``time.ParseDuration``.
    """
    if text == "0":
        return 0.0
    body = text.lstrip("+-")
    parts = re.findall(r"(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)", body)
    if not body or "".join(number + unit for number, unit in parts) != body:
        missing = bool(re.fullmatch(r"\d+\.?\d*", body))
        problem = "missing unit in duration" if missing else "invalid duration"
        raise ValueError(f'time: {problem} "{text}"')
    total = sum(float(number) * _GO_UNITS[unit] for number, unit in parts)
    return -total if text.startswith("-") else total
