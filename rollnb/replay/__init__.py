"""A recording of a real rollout, played in a simulated cluster."""

from rollnb.replay.player import Replay, replay

__all__ = ["Replay", "replay"]
