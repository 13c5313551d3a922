"""A film as one HTML page that needs no other file and no network."""

from __future__ import annotations

import html
import json
from pathlib import Path

from rollnb.plots.words import number, say

#: Names in braces are filled in; other braces are doubled.
PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
  body {{ margin: 0 auto; max-width: 1920px; font: 1.2rem sans-serif; }}
  img {{ display: block; width: 100%; }}
  div {{ display: flex; gap: 1rem; align-items: center; padding: .5rem 1rem; }}
  button {{ font: inherit; min-width: 7rem; padding: .4rem; }}
  input {{ flex: 1; }}
  output {{ min-width: 5rem; text-align: right; }}
</style>
<img id="picture" alt="{alt}">
<div>
  <button id="play">{play}</button>
  <input id="time" type="range" min="0" max="{last}" value="0" aria-label="{time}">
  <output id="now" for="time"></output>
</div>
<script>
  const pictures = {pictures}, times = {times}, words = {words};
  const [picture, play, time, now] = ['picture', 'play', 'time', 'now'].map(
    id => document.getElementById(id));
  let timer = null;
  function show() {{
    picture.src = 'data:image/png;base64,' + pictures[time.value];
    now.value = times[time.value];
    time.setAttribute('aria-valuetext', times[time.value]);
  }}
  function stop() {{
    clearInterval(timer);
    timer = null;
    play.textContent = words[0];
  }}
  function step() {{
    time.value = +time.value + 1;
    show();
    if (+time.value === pictures.length - 1) stop();
  }}
  play.onclick = () => {{
    if (timer !== null) return stop();
    if (+time.value === pictures.length - 1) time.value = 0;
    play.textContent = words[1];
    timer = setInterval(step, {pause});
  }};
  time.oninput = () => {{ stop(); show(); }};
  show();
</script>
</html>
"""


def write_page(
    path: Path, pictures: list[str], times: list[float], rate: int, alt: str, lang: str
) -> None:
    """Write a page that plays pictures (base64 texts of PNGs) of so many times (s)."""
    words = [say(key, lang=lang) for key in ("play", "pause")]
    text = PAGE.format(
        lang=lang,
        title=html.escape(alt.partition(".")[0]),
        alt=html.escape(alt),
        play=words[0],
        time=html.escape(say("time", lang=lang)),
        last=len(pictures) - 1,
        pictures=json.dumps(pictures),
        times=json.dumps([f"{number(time, lang)} s" for time in times], ensure_ascii=False),
        words=json.dumps(words, ensure_ascii=False),
        pause=round(1000 / rate),
    )
    path.write_text(text, encoding="utf-8")
