"""A simulated cluster: small enough to read, right enough to be compared with a real one."""

from rollnb.cluster.control_plane import MEASURED, ControlPlane
from rollnb.cluster.engine import Cluster, NotFound

__all__ = ["MEASURED", "Cluster", "ControlPlane", "NotFound"]
