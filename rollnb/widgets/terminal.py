"""The explorer's texts: what kubectl prints at a second, the measures, the patch; as HTML."""

from __future__ import annotations

import html
from typing import Any

from rollnb.plots.words import describe, number
from rollnb.widgets.settings import NAME, Settings
from rollnb.widgets.words import say

STATUS = f"kubectl rollout status deployment {NAME} --watch=false"

#: What the terminal may show below the status.
VIEWS = (
    "kubectl get deploy,rs,pods",
    "kubectl get events",
    f"kubectl describe deployment {NAME}",
)

_PRE = (
    "margin:0;padding:6px 8px;font-size:11.5px;line-height:1.35;white-space:{};"
    "font-family:var(--jp-code-font-family,monospace);"
    "background:var(--jp-layout-color2,#f3f3f3);color:var(--jp-ui-font-color0,#111)"
)
_LINE = "margin:0;line-height:1.45;color:var(--jp-ui-font-color0,#111);"


def screen(run: Any, time: float, view: str = VIEWS[0]) -> tuple[str, str]:
    """Return what a terminal shows at `time` seconds: the rollout's status, and one command."""
    cluster = run.at(time)
    status, rest = (f"$ {line}\n{cluster.kubectl(line).rstrip()}" for line in (STATUS, view))
    return status, rest


def measures(run: Any, lang: str = "en") -> str:
    """Return the measures of a run in one line."""
    summary = run.summary
    return say(
        "now",
        _capital(describe(run, lang)),
        number(summary.short_pod_seconds, lang),
        number(summary.extra_pod_seconds, lang),
        lang=lang,
    )


def differences(settings: Settings, before: Settings, lang: str = "en") -> str:
    """Return what `before` was, for each field that differs: ``maxSurge 1, replicas 10``."""
    words = {
        ("handles_sigterm", False): "at_kill",
        ("handles_sigterm", True): "at_term",
        ("image_exists", False): "missing",
        ("image_exists", True): "exists",
    }
    found = []
    for name, (_, old) in settings.changes(before).items():
        if (name, old) in words:
            old = say(words[name, old], lang=lang)
        elif isinstance(old, float):
            old = number(old, lang)
        found.append(f"{say(name, lang=lang)} {old}")
    return ", ".join(found)


def patch(settings: Settings, lang: str = "en") -> str:
    """Return the settings as the patch, the line that applies it, and the update, as HTML."""
    parts = [pre(settings.patch()), pre(f"{settings.command()}\n{settings.update()}", wrap=True)]
    if settings.changes_pods:
        parts.append(f'<p style="{_LINE}">{html.escape(say("template", lang=lang))}</p>')
    return '<div style="height:8px"></div>'.join(parts)


def pre(text: str, *, wrap: bool = False) -> str:
    """Return text as HTML that looks like a terminal's."""
    look = _PRE.format("pre-wrap;overflow-wrap:anywhere" if wrap else "pre")
    return f'<pre style="{look}">{html.escape(text.rstrip())}</pre>'


def status(text: str, before: str = "", *, error: bool = False) -> str:
    """Return a line to be noticed, by screen readers too, with a quieter one below."""
    if error:
        red = "color:var(--jp-error-color0,#a8071a);font-weight:600;"
        return f'<p role="alert" style="{_LINE}{red}">{html.escape(text)}</p>'
    first = f'<p role="status" style="{_LINE}">{html.escape(text)}</p>'
    return f'{first}<p style="{_LINE}opacity:.75">{html.escape(before)}</p>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
