"""Numbers that Kubernetes 1.36 fixes in its source: limits, periods, feature gates.

From ``pkg/controller/apis/config/v1alpha1/defaults.go``, the controllers' own files,
``pkg/kubelet/kubelet.go`` and ``pkg/features/kube_features.go``. Those that the model has no use
for are here for the reader who compares.
"""

REPLICA_SET_CONTROLLER = {
    "burst_replicas": 500,
    "slow_start_initial_batch": 1,
    "status_update_retries": 1,
    "concurrent_syncs": 5,
}

DEPLOYMENT_CONTROLLER = {
    "concurrent_syncs": 5,
    "max_retries_before_dropping": 15,
    "retry_delay_first_ms": 5,
    "retry_factor": 2,
    "retry_delay_max_seconds": 1000,
    "retry_overall_qps": 10,
    "retry_overall_burst": 100,
    "progress_check_extra_delay_seconds": 1,
}

DAEMON_SET_CONTROLLER = {
    "concurrent_syncs": 2,
    "burst_replicas": 250,
    "failed_pod_backoff_initial_seconds": 1,
    "failed_pod_backoff_max_seconds": 900,
}

ENDPOINT_SLICE_CONTROLLER = {"concurrent_syncs": 5, "max_endpoints_per_slice": 100}

#: The client of each controller; the limits hold for every one of them by itself.
CONTROLLER_CLIENT = {"qps": 20, "burst": 30, "min_resync_period_hours": 12}

KUBELET = {"back_off_period_seconds": 10, "pleg_relist_seconds": 1, "housekeeping_seconds": 2}

FEATURE_GATES = {
    "MaxUnavailableStatefulSet": False,
    "DeploymentReplicaSetTerminatingReplicas": True,
    "LogarithmicScaleDown": True,
    "PodDeletionCost": True,
    "ReduceDefaultCrashLoopBackOffDecay": False,
    "KubeletCrashLoopBackOffMax": True,
}
