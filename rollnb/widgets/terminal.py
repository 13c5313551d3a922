"""The explorer's texts: what kubectl prints at a second, the measures, the patch; as HTML."""

from __future__ import annotations

import base64
import html
from dataclasses import replace
from typing import Any

from rollnb.plots.words import describe, name_outcome, number
from rollnb.spec import StatefulSet, Workload
from rollnb.widgets import orders
from rollnb.widgets.kinds import GATE, kind_of, name_of, word_of
from rollnb.widgets.settings import Settings
from rollnb.widgets.words import say

STATUS = "kubectl rollout status {} {} --watch=false"

_PRE = (
    "margin:0;padding:6px 8px;font-size:11.5px;line-height:1.35;white-space:{};"
    "font-family:var(--jp-code-font-family,monospace);"
    "background:var(--jp-layout-color2,#f3f3f3);color:var(--jp-ui-font-color0,#111)"
)
_LINE = "margin:0;line-height:1.45;color:var(--jp-ui-font-color0,#111);"

# Pages that are not from this machine or from https have no clipboard: the old way is left.
_COPY = """
const done = () => { this.textContent = this.dataset.done; };
const old = () => {
  const area = document.createElement('textarea');
  area.value = this.dataset.text;
  this.after(area);
  area.select();
  document.execCommand('copy');
  area.remove();
  done();
};
if (navigator.clipboard) navigator.clipboard.writeText(this.dataset.text).then(done, old);
else old();
"""


def views(workload: Workload) -> tuple[str, ...]:
    """Return the commands that the terminal may show below the status."""
    return (
        f"kubectl get {kind_of(workload).get}",
        "kubectl get events",
        f"kubectl describe {word_of(workload)} {workload.name}",
    )


def screen(cluster: Any, workload: Workload, view: str) -> tuple[str, str]:
    """Return what a terminal shows of a cluster: the rollout's status, and one command."""
    lines = STATUS.format(word_of(workload), workload.name), view
    status, rest = (f"$ {line}\n{cluster.kubectl(line).rstrip()}" for line in lines)
    return status, rest


def outcome(run: Any, lang: str = "en", *, short: bool = False) -> str:
    """Say how a run went; of one that does not get complete, until when that was looked at."""
    text = describe(run, lang, short=short)
    seconds = run.cluster.now - run.began_at
    if run.summary.state == "complete" or not seconds:
        return text
    end = name_outcome(run, lang)
    return say("state_at", end, number(seconds, lang), lang=lang) + text.removeprefix(end)


def measures(run: Any, lang: str = "en") -> str:
    """Return the measures of a run in one line, and what the commands said that failed."""
    summary = run.summary
    text = say(
        "now",
        _capital(outcome(run, lang)),
        number(summary.short_pod_seconds, lang),
        number(summary.extra_pod_seconds, lang),
        lang=lang,
    )
    failed = [one for one in run.outputs if one.output.exit]
    said = [
        say("failed", number(one.time, lang), one.output.stderr.strip(), lang=lang)
        for one in failed
    ]
    return " ".join([text, *said])


def pace(settings: Settings, lang: str = "en") -> str:
    """Return how a rollout goes: ``maxSurge 1, maxUnavailable 1``, or another strategy.

    A StatefulSet's pod management policy is told if it is another one than before.
    """
    if settings.strategy != "RollingUpdate":
        return settings.strategy
    said = [f"{say(name, lang=lang)} {getattr(settings, name)}" for name in settings.pace]
    policy = settings.pod_management_policy
    created = getattr(settings.base, "pod_management_policy", policy)
    return ", ".join(said + [policy] * (policy != created))


def differences(settings: Settings, before: Settings, lang: str = "en") -> str:
    """Return what `before` was, for each field that differs: ``maxSurge 1, replicas 10``."""
    found = []
    manifests = ("base", "beside", "around")
    if any(getattr(settings, name) != getattr(before, name) for name in manifests):
        found.append(name_of(before.base))
    images = (settings.new_image, settings.image_exists)
    if images != (before.new_image, before.image_exists):
        old = image_words(before, lang)[before.image_exists]
        found.append(f"{say('image_exists', lang=lang)} {old}")
    for name, (_, old) in settings.changes(before).items():
        if name in (*manifests, "namespace", "image", "image_exists"):
            continue
        if name == "handles_sigterm":
            old = say("at_term" if old else "at_kill", lang=lang)
        elif name == "then":
            old = then_words(before, lang)[old]
        elif isinstance(old, float):
            old = number(old, lang)
        found.append(f"{say(name, lang=lang)} {old}")
    return ", ".join(found)


def image_words(settings: Settings, lang: str = "en") -> dict[bool, str]:
    """Return how the new image is told that exists, and the one that does not."""
    words = {True: "exists", False: "missing"}
    return {
        exists: say(word, tag(replace(settings, image_exists=exists).new_image), lang=lang)
        for exists, word in words.items()
    }


def then_words(settings: Settings, lang: str = "en") -> dict[str, str]:
    """Return how each thing is told that may be done after the update."""
    return {
        then: say(f"then_{then}", tag(settings.new_image), lang=lang)
        for then in orders.afterwards_of(settings)
    }


def tag(image: str) -> str:
    """Return what tells an image from the others of its name."""
    return image.rpartition("/")[2].partition(":")[2] or image


def patch(settings: Settings, lang: str = "en") -> str:
    """Return the settings as the patch, and all that is typed, as HTML."""
    text = orders.document(settings)
    parts = [take(text, f"{settings.base.name}-patch.yaml", lang)]
    parts += [pre(settings.patch()), pre("\n".join(orders.lines(settings)), wrap=True)]
    parts += [f'<p style="{_LINE}">{html.escape(note)}</p>' for note in notes(settings, lang)]
    return '<div style="height:8px"></div>'.join(parts)


def notes(settings: Settings, lang: str = "en") -> list[str]:
    """Return what one should know before one takes the patch to a cluster."""
    said = []
    if settings.changes_pods:
        said.append(say("template", lang=lang))
    if isinstance(settings.base, StatefulSet):
        if settings.strategy == "RollingUpdate" and "max_unavailable" in settings.pace:
            said.append(say("gate", GATE, lang=lang))
        policy = settings.pod_management_policy
        if policy != settings.base.pod_management_policy:
            said.append(say("policy", policy, lang=lang))
    return said


def take(text: str, file: str, lang: str = "en") -> str:
    """Return, as HTML, a button that copies a text and a link that saves it as a file."""
    copy, copied = (html.escape(say(key, lang=lang)) for key in ("copy", "copied"))
    return in_row(
        f'<button type="button" class="jupyter-button" data-text="{html.escape(text)}" '
        f'data-done="{copied}" onclick="{html.escape(" ".join(_COPY.split()))}">{copy}</button>',
        link(text.encode(), file, "application/yaml", lang),
    )


def in_row(*parts: str) -> str:
    """Return buttons and links as HTML that has them beside each other."""
    look = "display:flex;flex-wrap:wrap;gap:6px;align-items:center"
    return f'<div style="{look}">{" ".join(parts)}</div>'


def link(content: bytes, file: str, media: str, lang: str = "en") -> str:
    """Return, as HTML, a link that saves a content as a file, wherever Python runs."""
    body = base64.b64encode(content).decode()
    return (
        f'<a class="jupyter-button" style="text-decoration:none" download="{html.escape(file)}" '
        f'href="data:{media};base64,{body}">{html.escape(say("save", file, lang=lang))}</a>'
    )


def pre(text: str, *, wrap: bool = False) -> str:
    """Return text as HTML that looks like a terminal's."""
    # A line that is not wrapped may be longer than the room for it: that scrolls.
    look = _PRE.format(
        "pre-wrap;overflow-wrap:anywhere"
        if wrap
        else "pre;box-sizing:border-box;width:max-content;min-width:100%"
    )
    return f'<pre style="{look}">{html.escape(text.rstrip())}</pre>'


def status(text: str, before: str = "", *, error: bool = False) -> str:
    """Return a line to be noticed, with a quieter one below.

    A screen reader says an error at once, and the others in their time: see `front`.
    """
    if error:
        red = "color:var(--jp-error-color0,#a8071a);font-weight:600;"
        return f'<p role="alert" style="{_LINE}{red}">{html.escape(text)}</p>'
    first = f'<p style="{_LINE}">{html.escape(text)}</p>'
    return f'{first}<p style="{_LINE}opacity:.75">{html.escape(before)}</p>'


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
