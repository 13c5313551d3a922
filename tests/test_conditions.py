"""A Deployment's conditions over a rollout: what they say, and since when.

The cluster's clock stands at 00:00:00.25 at 0 s: what is stored is cut to whole seconds.
"""

import pytest

from rollnb import Cluster, Deployment, Image
from rollnb.cluster.availability import failure_conditions

EPOCH = 1767225600.25

AVAILABLE = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
UNAVAILABLE = (
    "False",
    "MinimumReplicasUnavailable",
    "Deployment does not have minimum availability.",
)


def play(actions=(), until=60.0, **fields):
    """Play kubectl commands on a Deployment; return the cluster and its conditions over time."""
    cluster = Cluster([Image("web:v1", ready_seconds=2)], epoch=EPOCH)
    history = []

    def note(event, kind, obj):
        if kind == "Deployment":
            for row in conditions(cluster):
                if row not in history:
                    history.append(row)

    cluster.watch(note)
    cluster.apply(Deployment("web", image="web:v1", **{"progress_deadline_seconds": 20, **fields}))
    for time, command in actions:
        cluster.run(time)
        cluster.kubectl(f"kubectl {command}")
    cluster.run(until)
    return cluster, history


def conditions(cluster):
    """Return the conditions as rows: type, status, reason, message, updated, changed (mm:ss)."""
    listed = cluster.get("Deployment", "web")["status"].get("conditions", ())
    return [
        (
            *(c[key] for key in ("type", "status", "reason", "message")),
            *(c[key][14:19] for key in ("lastUpdateTime", "lastTransitionTime")),
        )
        for c in listed
    ]


def of_type(type, history):
    """Return the rows of one condition."""
    return [row[1:] for row in history if row[0] == type]


def name_of(cluster, image):
    """Return the name of the ReplicaSet with this image."""
    return next(
        rs["metadata"]["name"]
        for rs in cluster.list("ReplicaSet")
        if rs["spec"]["template"]["spec"]["containers"][0]["image"] == image
    )


def progressing(status, reason, rs, updated, changed):
    """Return a row of the condition Progressing as it should be."""
    message = {
        "NewReplicaSetCreated": f'Created new replica set "{rs}"',
        "FoundNewReplicaSet": f'Found new replica set "{rs}"',
        "ReplicaSetUpdated": f'ReplicaSet "{rs}" is progressing.',
        "NewReplicaSetAvailable": f'ReplicaSet "{rs}" has successfully progressed.',
        "ProgressDeadlineExceeded": f'ReplicaSet "{rs}" has timed out progressing.',
        "DeploymentPaused": "Deployment is paused",
        "DeploymentResumed": "Deployment is resumed",
    }[reason]
    return (status, reason, message, updated, changed)


def test_first_rollout():
    """Progressing is true from the start; Available once enough pods are available."""
    cluster, history = play(replicas=4)
    rs = name_of(cluster, "web:v1")
    assert of_type("Progressing", history) == [
        progressing("True", "NewReplicaSetCreated", rs, "00:00", "00:00"),
        progressing("True", "ReplicaSetUpdated", rs, "00:00", "00:00"),
        progressing("True", "NewReplicaSetAvailable", rs, "00:04", "00:00"),
    ]
    assert of_type("Available", history) == [
        (*UNAVAILABLE, "00:00", "00:00"),
        (*AVAILABLE, "00:04", "00:04"),
    ]


def test_progress_is_updated_at_each_step():
    """Each new or available pod renews the time of Progressing; its status changes no more."""
    cluster, history = play(
        [(10.5, "rollout restart deployment web")],
        replicas=2,
        max_surge=1,
        max_unavailable=0,
    )
    rs = cluster.groups[-1].name
    assert of_type("Progressing", history)[3:] == [
        progressing("True", "NewReplicaSetCreated", rs, "00:10", "00:00"),
        progressing("True", "ReplicaSetUpdated", rs, "00:14", "00:00"),
        progressing("True", "ReplicaSetUpdated", rs, "00:18", "00:00"),
        progressing("True", "NewReplicaSetAvailable", rs, "00:18", "00:00"),
    ]
    assert len(of_type("Available", history)) == 2


def test_deadline():
    """Without progress for the deadline, and a second more, Progressing becomes false.

    Undo is progress again, and so is its end.
    """
    cluster, history = play(
        [(10, "set image deployment web web=web:v9"), (40, "rollout undo deployment web")],
        replicas=4,
    )
    v1, v9 = (name_of(cluster, image) for image in ("web:v1", "web:v9"))
    assert of_type("Progressing", history)[3:] == [
        progressing("True", "NewReplicaSetCreated", v9, "00:10", "00:00"),
        progressing("True", "ReplicaSetUpdated", v9, "00:10", "00:00"),
        progressing("False", "ProgressDeadlineExceeded", v9, "00:31", "00:31"),
        progressing("True", "ReplicaSetUpdated", v1, "00:40", "00:40"),
        progressing("True", "NewReplicaSetAvailable", v1, "00:44", "00:40"),
    ]


def test_pause_and_resume():
    """A pause stops the clock of the deadline: its status is unknown until it is resumed."""
    cluster, history = play(
        [
            (10, "set image deployment web web=web:v9"),
            (15, "rollout pause deployment web"),
            (45, "rollout resume deployment web"),
        ],
        replicas=4,
        until=70,
    )
    rs = name_of(cluster, "web:v9")
    assert of_type("Progressing", history)[5:] == [
        progressing("Unknown", "DeploymentPaused", rs, "00:15", "00:15"),
        progressing("Unknown", "DeploymentResumed", rs, "00:45", "00:15"),
        progressing("False", "ProgressDeadlineExceeded", rs, "01:06", "01:06"),
    ]


def test_available_follows_the_limit():
    """Available is false while fewer pods are than the strategy guarantees."""
    _, history = play([(20, "delete pods --all --wait=false")], replicas=2)
    assert of_type("Available", history) == [
        (*UNAVAILABLE, "00:00", "00:00"),
        (*AVAILABLE, "00:04", "00:04"),
        (*UNAVAILABLE, "00:20", "00:20"),
        (*AVAILABLE, "00:24", "00:24"),
    ]


def test_no_deadline():
    """Without a deadline there is no condition Progressing."""
    _, history = play(replicas=1, progress_deadline_seconds=2**31 - 1)
    assert of_type("Progressing", history) == []


@pytest.mark.parametrize("failing", [True, False], ids=["failing", "over"])
def test_replica_failure(failing):
    """A ReplicaSet that cannot create its pods makes its Deployment say so, in its words."""
    cluster, _ = play(replicas=2, until=10)
    rs = cluster.groups[0]
    error = 'pods "web-1" is forbidden: exceeded quota'
    rs.conditions = failure_conditions(rs.conditions, 2, 1, error, 9.75)
    rs.workload.wake()
    cluster.run(10)
    if not failing:
        rs.conditions = []
        rs.workload.wake()
        cluster.run(11)
    expected = ("True", "FailedCreate", error, "00:10", "00:10")
    assert of_type("ReplicaFailure", conditions(cluster)) == [expected] * failing
