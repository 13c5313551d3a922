"""Pictures of a run, for notebooks and for slides.

The functions stand in `rollnb.plots.pictures`; beside them, a module for each of their parts.
"""

from rollnb.plots.figures import save
from rollnb.plots.overlays import overlay
from rollnb.plots.pictures import compare, pods, replicas, slide, throughput
from rollnb.plots.requests import traffic
from rollnb.plots.words import describe

__all__ = [
    "compare",
    "describe",
    "overlay",
    "pods",
    "replicas",
    "save",
    "slide",
    "throughput",
    "traffic",
]
