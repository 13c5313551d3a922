"""rollnb: a rolling-update laboratory in a notebook."""

from rollnb import plots, scenarios
from rollnb.cluster import MEASURED, Cluster, ControlPlane
from rollnb.run import Run, simulate
from rollnb.spec import (
    Container,
    DaemonSet,
    Deployment,
    Image,
    Node,
    Normal,
    Probe,
    StatefulSet,
    Uniform,
)

__all__ = [
    "MEASURED",
    "Cluster",
    "Container",
    "ControlPlane",
    "DaemonSet",
    "Deployment",
    "Image",
    "Node",
    "Normal",
    "Probe",
    "Run",
    "StatefulSet",
    "Uniform",
    "plots",
    "scenarios",
    "simulate",
]
