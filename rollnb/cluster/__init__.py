"""A simulated cluster: small enough to read, right enough to be compared with a real one."""

from rollnb.cluster.api_server import NotFound
from rollnb.cluster.control_plane import MEASURED, ControlPlane
from rollnb.cluster.disruption import EvictionRefused
from rollnb.cluster.engine import Cluster
from rollnb.cluster.releasing import Refused
from rollnb.cluster.store import Forbidden

__all__ = [
    "MEASURED",
    "Cluster",
    "ControlPlane",
    "EvictionRefused",
    "Forbidden",
    "NotFound",
    "Refused",
]
