"""``kubectl cordon`` and ``uncordon``: whether new pods may come to nodes.

Follows ``kubectl/pkg/cmd/drain/drain.go`` (Kubernetes 1.36).
"""

from __future__ import annotations

import copy

from rollnb.kubectl.flags import DRY_RUN, Arguments, Flag
from rollnb.kubectl.output import error
from rollnb.kubectl.resources import BY_KIND, get_object, list_objects
from rollnb.kubectl.session import Session
from rollnb.kubectl.writing import say, write

NODE = BY_KIND["Node"]
FLAGS = {"selector": Flag("", "l"), **DRY_RUN}


def cordon(session: Session, args: Arguments) -> None:
    """Let no new pods come to nodes."""
    set_unschedulable(session, args, "cordon", True)


def uncordon(session: Session, args: Arguments) -> None:
    """Let new pods come to nodes again."""
    set_unschedulable(session, args, "uncordon", False)


def set_unschedulable(
    session: Session, args: Arguments, command: str, unschedulable: bool
) -> list[str]:
    """Say of nodes whether new pods may come; return their names."""
    see = f"\nSee 'kubectl {command} -h' for help and examples"
    selector = args["selector"]
    if not args.words and not selector:
        raise error(f"USAGE: {command} NODE [flags]{see}")
    if args.words and selector:
        raise error(f"cannot specify both a node name and a --selector option{see}")
    cluster, names = session.cluster, [word.rpartition("/")[2] for word in args.words]
    nodes = [get_object(cluster, NODE, name) for name in names]
    nodes += list_objects(cluster, NODE, selector) if selector else []
    done = "cordoned" if unschedulable else "uncordoned"
    for node in nodes:
        if node["spec"].get("unschedulable", False) == unschedulable:
            say(session, args, NODE, node, f"already {done}")
        else:
            changed = copy.deepcopy(node)
            changed["spec"]["unschedulable"] = unschedulable
            write(session, args, NODE, node, changed, done)
    return [node["metadata"]["name"] for node in nodes]
