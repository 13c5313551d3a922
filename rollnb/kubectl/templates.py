"""The pod template and the containers as ``kubectl describe`` lists them.

Follows ``DescribePodTemplate`` and ``describeContainers`` of ``kubectl/pkg/describe/describe.go``
(Kubernetes 1.36). All functions return lines whose columns are parted by tabs; `tabwriter.align`
aligns them (``rollout history --revision`` prints the tabs as they are).
"""

from __future__ import annotations

from typing import Any

from rollnb.kubectl.ages import rfc1123
from rollnb.kubectl.metadata import annotations_lines, labels_lines, tolerations_lines

Object = dict[str, Any]


def describe_template(template: Object) -> list[str]:
    """List a pod template."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    lines = ["Pod Template:", *labels_lines("  Labels", meta.get("labels"))]
    if meta.get("annotations"):
        lines += annotations_lines("  Annotations", meta["annotations"])
    if spec.get("serviceAccountName"):
        lines.append(f"  Service Account:\t{spec['serviceAccountName']}")
    if spec.get("initContainers"):
        lines += describe_containers("Init Containers", spec["initContainers"])
    lines += describe_containers("Containers", spec.get("containers") or [])
    lines += describe_volumes(spec.get("volumes"))
    if spec.get("priorityClassName"):
        lines.append(f"  Priority Class Name:\t{spec['priorityClassName']}")
    lines += labels_lines("  Node-Selectors", spec.get("nodeSelector"))
    lines += tolerations_lines("  Tolerations", spec.get("tolerations"))
    return lines


def describe_containers(
    label: str,
    containers: list[Object],
    statuses: list[Object] | None = None,
    pod: Object | None = None,
) -> list[str]:
    """List containers: those of a pod template, or of `pod` with what runs in them."""
    space = "  " if pod is None else ""
    if not containers:
        return [f"{space}{label}: <none>"]
    by_name = {status["name"]: status for status in statuses or ()}
    lines = [f"{space}{label}:"]
    for container in containers:
        status = by_name.get(container["name"])
        lines.append(f"  {' ' if space else ''}{container['name']}:")
        lines += [f"    {line}" for line in _container(container, status, pod)]
    return lines


def _container(container: Object, status: Object | None, pod: Object | None) -> list[str]:
    lines = []
    if status is not None:
        lines.append(f"Container ID:\t{status.get('containerID') or ''}")
    lines.append(f"Image:\t{container.get('image', '')}")
    if status is not None:
        lines.append(f"Image ID:\t{status.get('imageID') or ''}")
    ports = container.get("ports") or ()
    many = "s" if len(ports) > 1 else ""
    for title, field in (("Port", "containerPort"), ("Host Port", "hostPort")):
        text = ", ".join(f"{p.get(field) or 0}/{p.get('protocol') or 'TCP'}" for p in ports)
        lines.append(f"{title}{many}:\t{text or '<none>'}")
    for title, words in (("Command", "command"), ("Args", "args")):
        if container.get(words):
            lines.append(f"{title}:")
            lines += [f"  {line}" for word in container[words] for line in word.split("\n")]
    if status is not None:
        lines += _state("State", status.get("state") or {})
        last = status.get("lastState") or {}
        if last.get("terminated"):
            lines += _state("Last State", last)
        lines.append(f"Ready:\t{bool(status.get('ready'))}")
        lines.append(f"Restart Count:\t{status.get('restartCount') or 0}")
    resources = container.get("resources") or {}
    for title in ("limits", "requests"):
        if resources.get(title):
            lines.append(f"{title.title()}:")
            lines += [f"  {key}:\t{value}" for key, value in sorted(resources[title].items())]
    for title in ("Liveness", "Readiness", "Startup"):
        probe = container.get(f"{title.lower()}Probe")
        if probe:
            lines.append(f"{title}:\t{describe_probe(probe)}")
    lines += _sources(container.get("envFrom"))
    lines += _environment(container.get("env"), pod)
    mounts = container.get("volumeMounts")
    lines.append("Mounts:" if mounts else "Mounts:\t<none>")
    for mount in mounts or ():
        flags = "ro" if mount.get("readOnly") else "rw"
        lines.append(f"  {mount['mountPath']} from {mount['name']} ({flags})")
    return lines


def _sources(sources: list[Object] | None) -> list[str]:
    """List ``envFrom``, as ``describeContainerEnvFrom``."""
    lines = ["Environment Variables from:"] if sources else []
    for source in sources or ():
        kind, field = "ConfigMap", source.get("configMapRef")
        if field is None:
            kind, field = "Secret", source.get("secretRef") or {}
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        lines.append(f"  {field.get('name') or ''}\t{kind}{prefix}\t{_optional(field)}")
    return lines


def _optional(source: Object) -> str:
    return f"Optional: {str(bool(source.get('optional'))).lower()}"


def _environment(variables: list[Object] | None, pod: Object | None) -> list[str]:
    """List ``env``, as ``describeContainerEnvVars``.

    Of a pod's fields kubectl knows the values of two: ``EnvValueRetriever`` asks its own scheme,
    which has only ``DefaultMetaV1FieldSelectorConversion`` for pods.
    """
    if not variables:
        return ["Environment:\t<none>"]
    meta = pod["metadata"] if pod else {}
    values = {f"metadata.{key}": meta.get(key) or "" for key in ("name", "namespace")}
    lines = ["Environment:"]
    for variable in variables:
        source = variable.get("valueFrom") or {}
        text = (variable.get("value") or "").replace("\n", "\n\t")
        if field := source.get("fieldRef"):
            path = field["fieldPath"]
            text = f"{values.get(path, '')} ({field.get('apiVersion', 'v1')}:{path})"
        elif key := source.get("secretKeyRef"):
            text = f"<set to the key '{key['key']}' in secret '{key['name']}'>\t{_optional(key)}"
        elif key := source.get("configMapKeyRef"):
            name = key["name"]
            text = f"<set to the key '{key['key']}' of config map '{name}'>\t{_optional(key)}"
        lines += [f"  {line}" for line in f"{variable['name']}:\t{text}".split("\n")]
    return lines


def _state(title: str, state: Object) -> list[str]:
    if "running" in state:
        started = rfc1123(state["running"].get("startedAt"))
        return [f"{title}:\tRunning", f"  Started:\t{started}"]
    if "terminated" in state:
        ended = state["terminated"]
        lines = [f"{title}:\tTerminated"]
        if ended.get("reason"):
            lines.append(f"  Reason:\t{ended['reason']}")
        if ended.get("message"):
            lines.append(f"  Message:\t{ended['message']}")
        lines.append(f"  Exit Code:\t{ended.get('exitCode') or 0}")
        if ended.get("signal"):
            lines.append(f"  Signal:\t{ended['signal']}")
        lines.append(f"  Started:\t{rfc1123(ended.get('startedAt'))}")
        lines.append(f"  Finished:\t{rfc1123(ended.get('finishedAt'))}")
        return lines
    reason = (state.get("waiting") or {}).get("reason")
    return [f"{title}:\tWaiting", *([f"  Reason:\t{reason}"] if reason else [])]


def describe_probe(probe: Object) -> str:
    """Return one line on a probe, as ``DescribeProbe``."""
    numbers = (
        f"delay={probe.get('initialDelaySeconds') or 0}s "
        f"timeout={probe.get('timeoutSeconds', 1)}s period={probe.get('periodSeconds', 10)}s "
        f"#success={probe.get('successThreshold', 1)} #failure={probe.get('failureThreshold', 3)}"
    )
    if "exec" in probe:
        return f"exec [{' '.join(probe['exec'].get('command') or ())}] {numbers}"
    if "httpGet" in probe:
        get = probe["httpGet"]
        scheme = (get.get("scheme") or "HTTP").lower()
        path = "/" + (get.get("path") or "/").lstrip("/")
        return f"http-get {scheme}://{get.get('host', '')}:{get.get('port')}{path} {numbers}"
    if "tcpSocket" in probe:
        socket = probe["tcpSocket"]
        return f"tcp-socket {socket.get('host', '')}:{socket.get('port')} {numbers}"
    if "grpc" in probe:
        grpc = probe["grpc"]
        return f"grpc <pid>:{grpc.get('port')} {grpc.get('service') or ''} {numbers}"
    return f"unknown {numbers}"


_VOLUMES = {
    "emptyDir": "EmptyDir (a temporary directory that shares a pod's lifetime)",
    "hostPath": "HostPath (bare host directory volume)",
    "configMap": "ConfigMap (a volume populated by a ConfigMap)",
    "secret": "Secret (a volume populated by a Secret)",
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"
    ),
    "projected": "Projected (a volume that contains injected data from multiple sources)",
}


def describe_volumes(volumes: list[Object] | None, space: str = "  ") -> list[str]:
    """List volumes; of the details, the ones that name something."""
    if not volumes:
        return [f"{space}Volumes:\t<none>"]
    lines = [f"{space}Volumes:"]
    for volume in volumes:
        lines.append(f"  {' ' if space else ''}{volume['name']}:")
        kind = next((k for k in _VOLUMES if k in volume), None)
        lines.append(f"    Type:\t{_VOLUMES[kind] if kind else '<unknown>'}")
        source = (volume.get(kind) or {}) if kind else {}
        if kind == "emptyDir":
            lines.append(f"    Medium:\t{source.get('medium') or ''}")
            lines.append(f"    SizeLimit:\t{source.get('sizeLimit') or '<unset>'}")
        elif kind == "hostPath":
            lines.append(f"    Path:\t{source.get('path') or ''}")
            lines.append(f"    HostPathType:\t{source.get('type') or ''}")
        elif kind == "configMap":
            lines.append(f"    Name:\t{source.get('name') or ''}")
            lines.append(f"    Optional:\t{str(bool(source.get('optional'))).lower()}")
        elif kind == "secret":
            lines.append(f"    SecretName:\t{source.get('secretName') or ''}")
            lines.append(f"    Optional:\t{str(bool(source.get('optional'))).lower()}")
        elif kind == "persistentVolumeClaim":
            lines.append(f"    ClaimName:\t{source.get('claimName') or ''}")
            lines.append(f"    ReadOnly:\t{str(bool(source.get('readOnly'))).lower()}")
    return lines
