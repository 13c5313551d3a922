"""Sliders around a rollout: `explore` in a notebook, `Settings` for the same without sliders."""

from rollnb.widgets.explorer import Explorer, explore
from rollnb.widgets.settings import Settings

__all__ = ["Explorer", "Settings", "explore"]
