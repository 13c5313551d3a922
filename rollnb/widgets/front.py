"""What the front end lacks: room for sliders, names for screen readers, keys for lists.

ipywidgets writes a slider's name beside it, but does not tie the two together, and JupyterLab
takes the arrow keys from a list to move to the next cell; of a picture it shows the tooltip, but
as no alternative text. All are a matter of attributes, which no widget can set. A style element
can: its load event runs a few lines of script. Where scripts are not allowed the explorer works as
well, without these.
"""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

import ipywidgets as widgets
import traitlets

CLASS = "rollnb-explorer"

#: Of an explorer that does not show what its controls ask for, and of the parts that then are
#: dimmed, and hidden, so that nobody takes them. Their place is kept: nothing jumps.
STALE, SEEN, TAKEN = "rollnb-stale", "rollnb-seen", "rollnb-taken"

_STYLE = """
.rollnb-explorer .widget-readout { min-width: 34px; width: 34px; }
.rollnb-explorer .widget-image { aspect-ratio: %s; }
.rollnb-explorer :focus-visible {
  outline: 2px solid currentColor !important; outline-offset: 1px;
}
.rollnb-stale .rollnb-seen { opacity: 0.3; }
.rollnb-stale .rollnb-taken { visibility: hidden; }
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
  all('img.widget-image', image => {
    if (image.alt !== image.title) image.alt = image.title;
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
all('img.widget-image', image => {
  new MutationObserver(prepare).observe(image, { attributeFilter: ['title'] });
});
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
