"""What the front end lacks: room for sliders, names for screen readers, keys for lists.

ipywidgets writes a slider's name beside it, but does not tie the two together, and JupyterLab
takes the arrow keys from a list to move to the next cell. Both are a matter of attributes, which
no widget can set. A style element can: its load event runs a few lines of script. Where scripts
are not allowed the explorer works as well, without these two.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

import ipywidgets as widgets
import traitlets

CLASS = "rollnb-explorer"

_STYLE = """
.rollnb-explorer .widget-readout { min-width: 34px; width: 34px; }
.rollnb-explorer .widget-image { aspect-ratio: %s; }
.rollnb-explorer :focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
.rollnb-explorer pre { word-break: normal; }
.rollnb-explorer .widget-html-content { min-width: 0; }
"""

_SCRIPT = """
const root = this.closest('.rollnb-explorer');
const all = (selector, act) => root.querySelectorAll(selector).forEach(act);
const prepare = () => {
  all('.rollnb-measures', measures => measures.setAttribute('role', 'status'));
  all('.widget-slider', slider => {
    const label = slider.querySelector('.widget-label').textContent;
    slider.querySelector('.noUi-handle').setAttribute('aria-label', label);
    slider.querySelector('.widget-readout').setAttribute('aria-label', label);
  });
  all('select[title]', list => list.setAttribute('aria-label', list.title));
  all('.widget-play button', (button, number) => {
    button.setAttribute('aria-label', %s[number]);
  });
  all('select, button, a, textarea, .noUi-handle', control => {
    control.setAttribute('data-lm-suppress-shortcuts', 'true');
  });
};
root.addEventListener('focusin', prepare);
setTimeout(prepare);
"""


def make_style(ratio: float, buttons: Sequence[str]) -> widgets.HTML:
    """Return the invisible widget that brings style and names.

    Parameters
    ----------
    ratio : float
        How much wider than high pictures are.
    buttons : sequence of str
        The names of those of a player.
    """
    script = html.escape(" ".join((_SCRIPT % json.dumps(list(buttons))).split()))
    return widgets.HTML(
        f'<style onload="{script}">{_STYLE % ratio}</style>', layout={"display": "none"}
    )


class Described(widgets.Image):
    """A picture that a screen reader can tell of: its tooltip.

    The front end shows the tooltip of a widget without a description, but asks for that first;
    an Image has none.
    """

    description = traitlets.Unicode("").tag(sync=True)
