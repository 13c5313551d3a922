"""Pictures of a run, for notebooks and for slides.

Each function draws on the axes it is given, or on those of a new 16:9 figure, and returns them:
`replicas`, `pods`, `throughput`, `traffic`, `peaks`, `stacked`, `compare`, `overlay`. `slide`
gives one of them a title, `build` shows it step by step, `animate` lets it run. `data` is the
table behind a picture, `describe` says in words what it shows, `save` writes it.
"""

from rollnb.plots.animation import animate
from rollnb.plots.builds import build
from rollnb.plots.descriptions import describe
from rollnb.plots.overlays import overlay
from rollnb.plots.panels import compare
from rollnb.plots.peaks import peaks
from rollnb.plots.pictures import pods, replicas
from rollnb.plots.rates import stacked, throughput
from rollnb.plots.requests import traffic
from rollnb.plots.saving import save
from rollnb.plots.slides import slide
from rollnb.plots.tables import data

__all__ = [
    "animate",
    "build",
    "compare",
    "data",
    "describe",
    "overlay",
    "peaks",
    "pods",
    "replicas",
    "save",
    "slide",
    "stacked",
    "throughput",
    "traffic",
]
