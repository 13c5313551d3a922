"""Rules broken one at a time, and the test modules that have to notice each.

`make mutations` breaks them, in a copy of the package, and runs those modules. An edit replaces a
piece of source that must be there exactly `times` times, so that none goes stale unseen.
"""

from typing import NamedTuple


class Mutation(NamedTuple):
    """A rule broken: `old` becomes `new` in a module of rollnb; each of `tests` has to fail."""

    rule: str
    module: str
    old: str
    new: str
    tests: tuple[str, ...]
    times: int = 1


ORACLE, RECORDINGS, CASES = "test_oracle", "test_recordings", "test_cases"

MUTATIONS = [
    Mutation(
        "the surge is rounded down",
        "spec",
        "(max_surge, True)",
        "(max_surge, False)",
        ("test_facts_deployment", ORACLE, RECORDINGS),
    ),
    Mutation(
        "unavailable pods are rounded up",
        "spec",
        "(max_unavailable, False)",
        "(max_unavailable, True)",
        ("test_facts_deployment", ORACLE, RECORDINGS),
    ),
    Mutation(
        "terminating pods count against the surge",
        "cluster/rolling",
        "resolve_surge(spec) - replica_count(all_rss)",
        "resolve_surge(spec) - replica_count(all_rss) - sum(rs.terminating for rs in all_rss)",
        (RECORDINGS, CASES),
    ),
    Mutation(
        "the new ReplicaSet grows one pod at a time",
        "cluster/rolling",
        "return new_replicas + min(room, replicas - new_replicas)",
        "return new_replicas + min(room, replicas - new_replicas, 1)",
        ("test_facts_rolling", ORACLE, RECORDINGS),
    ),
    Mutation(
        "unavailable new pods are not counted",
        "cluster/rolling",
        "max_scaled_down = total - min_available(spec) - new_unavailable",
        "max_scaled_down = total - min_available(spec)",
        ("test_facts_rolling", ORACLE, RECORDINGS),
    ),
    Mutation(
        "unhealthy old pods are not removed first",
        "cluster/rolling",
        "cleaned, complete = cleanup_unhealthy_replicas(active, max_scaled_down)",
        "cleaned, complete = [], True",
        ("test_facts_rolling", ORACLE, RECORDINGS),
    ),
    Mutation(
        "the Deployment acts before the ReplicaSets' status is up to date",
        "cluster/clock",
        "KUBELET, REPLICA_SET, DEPLOYMENT, POSTING, CLIENT = range(5)",
        "KUBELET, DEPLOYMENT, REPLICA_SET, POSTING, CLIENT = range(5)",
        (ORACLE,),
    ),
    Mutation(
        "scaling in the midst of a rollout is not shared out",
        "cluster/scaling",
        "part = replica_set_proportion(spec, rs, to_add, added, status_replicas)",
        "part = 0",
        (ORACLE, RECORDINGS),
    ),
    Mutation(
        "Recreate does not wait for the old pods",
        "cluster/deployment_controller",
        "if scales or recreate.old_pods_running(new, old, pods_of(old)):",
        "if scales:",
        (RECORDINGS,),
    ),
    Mutation(
        "minReadySeconds is ignored",
        "cluster/availability",
        "if not ready or min_ready_seconds <= 0 or ready_since is None:",
        "if True:",
        ("test_facts_replicaset", RECORDINGS),
    ),
    Mutation(
        "times are not cut to whole seconds",
        "cluster/store",
        "return math.floor(self.epoch + time + 1e-6) - self.epoch",
        "return time",
        ("test_kubelet", "test_conditions"),
    ),
    Mutation(
        "pods stop at once",
        "cluster/kubelet",
        "if self.instant or grace <= 0:",
        "if True:",
        (RECORDINGS, CASES, "test_kubelet"),
    ),
    Mutation(
        "a failed pull is tried again without back-off",
        "cluster/image_manager",
        "wait = lifecycle.pull_backoff_seconds(container.failed_pulls)",
        "wait = 0.0",
        (RECORDINGS, "test_kubelet"),
    ),
    Mutation(
        "a crashed container is started again without back-off",
        "cluster/kubelet",
        "wait = lifecycle.crash_backoff_seconds(container.backoff, exited_at - started_at)",
        "wait = 0.0",
        (RECORDINGS, "test_kubelet"),
    ),
    Mutation(
        "no limit to the requests of a controller",
        "cluster/control_plane",
        'requests_per_second: float = CONTROLLER_CLIENT["qps"]',
        "requests_per_second: float = math.inf",
        (RECORDINGS, CASES, "test_control_plane"),
    ),
    Mutation(
        "all pods are created in one batch",
        "cluster/replicaset",
        "batch = min(initial, count)",
        "batch = count",
        ("test_facts_replicaset",),
    ),
    Mutation(
        "a StatefulSet does not wait for one pod before the next",
        "cluster/statefulset",
        "        if not pod.available:\n            return []\n    return []",
        "    return []",
        ("test_facts_statefulset", RECORDINGS),
    ),
    Mutation(
        "a StatefulSet's partition is ignored",
        "cluster/statefulset",
        "spec.partition",
        "0",
        ("test_facts_statefulset", RECORDINGS, CASES),
        times=3,
    ),
    Mutation(
        "a DaemonSet's maxUnavailable is rounded down",
        "cluster/daemonset_rolling",
        "resolve_percent(spec.max_unavailable, desired, round_up=True)",
        "resolve_percent(spec.max_unavailable, desired, round_up=False)",
        ("test_facts_daemonset", RECORDINGS),
    ),
    Mutation(
        "terminating pods are outside a quota",
        "cluster/quota",
        "store.pod_ended.append(self._ended)",
        "store.pod_deleted.append(self._ended)",
        ("test_quota",),
    ),
    Mutation(
        "a refused ReplicaSet does not wait longer each time",
        "cluster/control_plane",
        "RETRY.after(self._waits.get(key, 0.0))",
        "RETRY.after(0.0)",
        ("test_quota", "test_control_plane"),
    ),
    Mutation(
        "the preStop hook takes no time",
        "cluster/lifecycle",
        "return pre_stop > 0 and grace > 0",
        "return False",
        ("test_facts_kubelet", "test_kubelet", "test_probes"),
    ),
    Mutation(
        "a terminating pod stays a ready endpoint",
        "cluster/lifecycle",
        "publish_not_ready or (ready and not terminating)",
        "publish_not_ready or ready",
        ("test_facts_kubelet", "test_kubelet"),
    ),
    Mutation(
        "one bad look of a probe is enough",
        "cluster/probes",
        "else probe.failure_threshold)",
        "else 1)",
        ("test_probes",),
    ),
    Mutation(
        "liveness does not wait for the startup probe",
        "cluster/probes",
        "if container.started == (kind == STARTUP):",
        "if container.started and kind == STARTUP:",
        ("test_probes",),
    ),
    Mutation(
        "no deadline for progress",
        "cluster/progress",
        "return progressing.last_update_at + spec.progress_deadline_seconds < now",
        "return False",
        ("test_facts_deployment", "test_conditions", RECORDINGS, CASES),
    ),
    Mutation(
        "a budget counts pods on their way out as healthy",
        "cluster/budgets",
        "healthy = pod.ready and pod.deleted_at is None",
        "healthy = pod.ready",
        ("test_budgets",),
    ),
    Mutation(
        "a drain does not ask the budget",
        "kubectl/drain",
        "self.cluster.evict(name, self._grace, dry_run=dry_run)",
        'self.cluster.delete("Pod", name, self._grace)',
        ("test_kubectl_drain",),
    ),
]
