"""rollnb: a rolling-update laboratory in a notebook."""

from rollnb import plots, scenarios
from rollnb.cluster import MEASURED, Cluster, ControlPlane
from rollnb.node import Node, Taint, Toleration
from rollnb.run import Run, simulate
from rollnb.spec import (
    Container,
    DaemonSet,
    Deployment,
    Image,
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
    "Taint",
    "Toleration",
    "Uniform",
    "plots",
    "scenarios",
    "simulate",
]
