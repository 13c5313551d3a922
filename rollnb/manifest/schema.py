"""The fields of the objects that the model reads: what may be written, and of which type.

``k8s.io/api/apps/v1/types.go``, ``core/v1/types.go``, ``policy/v1/types.go`` and
``apimachinery``'s ``meta/v1/types.go`` (Kubernetes 1.36), in a short hand, one struct a line::

    name              a text               name=int32        of that type
    name=[]T          a list               name={}T          a map of texts to T
    name=*T           kept when it is zero (a pointer); without, zero is the same as absent
    name=T!           always there         name=[]T~key      lists are merged by this key
    name=[]T~         a list of texts, merged as a set
    name=T^           a patch replaces it as a whole
    Any               taken as it is: parts of a pod that have no part in a rollout
    Bytes             a text in base64
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

_STRUCTS = """
Deployment kind apiVersion metadata=ObjectMeta spec=DeploymentSpec! status=Any
ReplicaSet kind apiVersion metadata=ObjectMeta spec=ReplicaSetSpec! status=Any
StatefulSet kind apiVersion metadata=ObjectMeta spec=StatefulSetSpec! status=Any
DaemonSet kind apiVersion metadata=ObjectMeta spec=DaemonSetSpec! status=Any
Service kind apiVersion metadata=ObjectMeta spec=ServiceSpec! status=Any
Pod kind apiVersion metadata=ObjectMeta spec=PodSpec! status=Any
PodDisruptionBudget kind apiVersion metadata=ObjectMeta spec=PodDisruptionBudgetSpec! status=Any
Node kind apiVersion metadata=ObjectMeta spec=NodeSpec! status=Any
ConfigMap kind apiVersion metadata=ObjectMeta data={}string binaryData={}Bytes immutable=*bool
Secret kind apiVersion metadata=ObjectMeta data={}Bytes stringData={}string type immutable=*bool
ResourceQuota kind apiVersion metadata=ObjectMeta spec=ResourceQuotaSpec! status=Any
metadataOnlyObject metadata=ObjectMeta

ObjectMeta name generateName namespace selfLink uid=UID resourceVersion generation=int64 \
 creationTimestamp=Time deletionTimestamp=Time deletionGracePeriodSeconds=*int64 labels={}string \
 annotations={}string ownerReferences=[]OwnerReference~uid finalizers=[]string~ managedFields=Any
OwnerReference apiVersion! kind! name! uid=UID! controller=*bool blockOwnerDeletion=*bool
LabelSelector matchLabels={}string matchExpressions=[]LabelSelectorRequirement
LabelSelectorRequirement key! operator=LabelSelectorOperator! values=[]string

DeploymentSpec replicas=*int32 selector=*LabelSelector template=PodTemplateSpec! \
 strategy=DeploymentStrategy! minReadySeconds=int32 revisionHistoryLimit=*int32 paused=bool \
 progressDeadlineSeconds=*int32
DeploymentStrategy type=DeploymentStrategyType rollingUpdate=*RollingUpdateDeployment
RollingUpdateDeployment maxUnavailable=*IntOrString maxSurge=*IntOrString
ReplicaSetSpec replicas=*int32 minReadySeconds=int32 selector=*LabelSelector \
 template=PodTemplateSpec
StatefulSetSpec replicas=*int32 selector=*LabelSelector template=PodTemplateSpec! \
 volumeClaimTemplates=Any serviceName podManagementPolicy=PodManagementPolicyType \
 updateStrategy=StatefulSetUpdateStrategy! revisionHistoryLimit=*int32 minReadySeconds=int32 \
 persistentVolumeClaimRetentionPolicy=*StatefulSetPersistentVolumeClaimRetentionPolicy \
 ordinals=*StatefulSetOrdinals
StatefulSetUpdateStrategy type=StatefulSetUpdateStrategyType \
 rollingUpdate=*RollingUpdateStatefulSetStrategy
RollingUpdateStatefulSetStrategy partition=*int32 maxUnavailable=*IntOrString
StatefulSetPersistentVolumeClaimRetentionPolicy \
 whenDeleted=PersistentVolumeClaimRetentionPolicyType \
 whenScaled=PersistentVolumeClaimRetentionPolicyType
StatefulSetOrdinals start=int32!
DaemonSetSpec selector=*LabelSelector template=PodTemplateSpec! \
 updateStrategy=DaemonSetUpdateStrategy! minReadySeconds=int32 revisionHistoryLimit=*int32
DaemonSetUpdateStrategy type=DaemonSetUpdateStrategyType rollingUpdate=*RollingUpdateDaemonSet
RollingUpdateDaemonSet maxUnavailable=*IntOrString maxSurge=*IntOrString

ServiceSpec ports=[]ServicePort~port selector={}string clusterIP clusterIPs=[]string \
 type=ServiceType externalIPs=[]string sessionAffinity=ServiceAffinity loadBalancerIP \
 loadBalancerSourceRanges=[]string externalName \
 externalTrafficPolicy=ServiceExternalTrafficPolicy healthCheckNodePort=int32 \
 publishNotReadyAddresses=bool sessionAffinityConfig=Any ipFamilies=[]IPFamily \
 ipFamilyPolicy=*IPFamilyPolicy allocateLoadBalancerNodePorts=*bool loadBalancerClass=*string \
 internalTrafficPolicy=*ServiceInternalTrafficPolicy trafficDistribution=*string
ServicePort name protocol=Protocol appProtocol=*string port=int32! targetPort=IntOrString! \
 nodePort=int32

PodDisruptionBudgetSpec minAvailable=*IntOrString selector=*LabelSelector^ \
 maxUnavailable=*IntOrString unhealthyPodEvictionPolicy=*UnhealthyPodEvictionPolicyType

ResourceQuotaSpec hard={}Quantity scopes=[]ResourceQuotaScope scopeSelector=Any
NodeSpec podCIDR podCIDRs=[]string~ providerID unschedulable=bool taints=[]Taint configSource=Any \
 externalID
Taint key! value effect=TaintEffect! timeAdded=Time

PodTemplateSpec metadata=ObjectMeta! spec=PodSpec!
PodSpec volumes=[]Volume~name initContainers=[]Container~name containers=[]Container!~name \
 ephemeralContainers=Any restartPolicy=RestartPolicy terminationGracePeriodSeconds=*int64 \
 activeDeadlineSeconds=*int64 dnsPolicy=DNSPolicy nodeSelector={}string serviceAccountName \
 serviceAccount automountServiceAccountToken=*bool nodeName hostNetwork=bool hostPID=bool \
 hostIPC=bool shareProcessNamespace=*bool securityContext=*PodSecurityContext \
 imagePullSecrets=[]LocalObjectReference~name hostname subdomain affinity=*Affinity \
 schedulerName tolerations=[]Toleration hostAliases=[]HostAlias~ip priorityClassName \
 priority=*int32 dnsConfig=Any readinessGates=[]PodReadinessGate runtimeClassName=*string \
 enableServiceLinks=*bool preemptionPolicy=*PreemptionPolicy overhead={}Quantity \
 topologySpreadConstraints=[]TopologySpreadConstraint~topologyKey setHostnameAsFQDN=*bool os=Any \
 hostUsers=*bool schedulingGates=Any resourceClaims=Any resources=*ResourceRequirements \
 hostnameOverride=*string workloadRef=Any schedulingGroup=Any
LocalObjectReference name
PodSecurityContext seLinuxOptions=Any windowsOptions=Any runAsUser=*int64 runAsGroup=*int64 \
 runAsNonRoot=*bool supplementalGroups=[]int64 supplementalGroupsPolicy=*string fsGroup=*int64 \
 sysctls=Any fsGroupChangePolicy=*string seccompProfile=Any appArmorProfile=Any \
 seLinuxChangePolicy=*string
Affinity nodeAffinity=Any podAffinity=Any podAntiAffinity=Any
Toleration key operator=TolerationOperator value effect=TaintEffect tolerationSeconds=*int64
HostAlias ip! hostnames=[]string
PodReadinessGate conditionType!
TopologySpreadConstraint maxSkew=int32! topologyKey! \
 whenUnsatisfiable=UnsatisfiableConstraintAction! labelSelector=*LabelSelector minDomains=*int32 \
 nodeAffinityPolicy=*NodeInclusionPolicy nodeTaintsPolicy=*NodeInclusionPolicy \
 matchLabelKeys=[]string

Container name! image command=[]string args=[]string workingDir \
 ports=[]ContainerPort~containerPort envFrom=[]EnvFromSource env=[]EnvVar~name \
 resources=ResourceRequirements! resizePolicy=Any restartPolicy=*string restartPolicyRules=Any \
 volumeMounts=[]VolumeMount~mountPath volumeDevices=[]VolumeDevice~devicePath \
 livenessProbe=*Probe readinessProbe=*Probe startupProbe=*Probe lifecycle=*Lifecycle \
 terminationMessagePath terminationMessagePolicy=TerminationMessagePolicy \
 imagePullPolicy=PullPolicy securityContext=*SecurityContext stdin=bool stdinOnce=bool tty=bool
ContainerPort name hostPort=int32 containerPort=int32! protocol=Protocol hostIP
EnvVar name! value valueFrom=*EnvVarSource
EnvVarSource fieldRef=Any resourceFieldRef=Any configMapKeyRef=Any secretKeyRef=Any \
 fileKeyRef=Any
EnvFromSource prefix configMapRef=Any secretRef=Any
ResourceRequirements limits={}Quantity requests={}Quantity claims=Any
VolumeMount name! readOnly=bool recursiveReadOnly=*string mountPath! subPath \
 mountPropagation=*MountPropagationMode subPathExpr
VolumeDevice name! devicePath!
Probe exec=*ExecAction httpGet=*HTTPGetAction tcpSocket=*TCPSocketAction grpc=*GRPCAction \
 initialDelaySeconds=int32 timeoutSeconds=int32 periodSeconds=int32 successThreshold=int32 \
 failureThreshold=int32 terminationGracePeriodSeconds=*int64
ExecAction command=[]string
HTTPGetAction path port=IntOrString! host scheme=URIScheme httpHeaders=[]HTTPHeader
HTTPHeader name! value!
TCPSocketAction port=IntOrString! host
GRPCAction port=int32! service=*string
Lifecycle postStart=*LifecycleHandler preStop=*LifecycleHandler stopSignal=*string
LifecycleHandler exec=*ExecAction httpGet=*HTTPGetAction tcpSocket=*TCPSocketAction \
 sleep=*SleepAction
SleepAction seconds=int64!
SecurityContext capabilities=Any privileged=*bool seLinuxOptions=Any windowsOptions=Any \
 runAsUser=*int64 runAsGroup=*int64 runAsNonRoot=*bool readOnlyRootFilesystem=*bool \
 allowPrivilegeEscalation=*bool procMount=*string seccompProfile=Any appArmorProfile=Any
Volume name! hostPath=Any emptyDir=Any gcePersistentDisk=Any awsElasticBlockStore=Any \
 gitRepo=Any secret=Any nfs=Any iscsi=Any glusterfs=Any persistentVolumeClaim=Any rbd=Any \
 flexVolume=Any cinder=Any cephfs=Any flocker=Any downwardAPI=Any fc=Any azureFile=Any \
 configMap=Any vsphereVolume=Any quobyte=Any azureDisk=Any photonPersistentDisk=Any \
 projected=Any portworxVolume=Any scaleIO=Any storageos=Any csi=Any ephemeral=Any image=Any
"""


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a field: a text, number, truth value, struct, list or map.

    Parameters
    ----------
    name : str
        Of the type, or of what the list or map holds.
    shape : str
        ``""``, ``"list"`` or ``"map"``.
    pointer : bool
        True: zero is not the same as absent.
    always : bool
        True: shown even when it is empty.
    merge_key : str, optional
        How items of two lists are found to be the same; empty for a list of plain texts.
    replaced : bool
        True: a patch replaces it as a whole.
    """

    name: str
    shape: str = ""
    pointer: bool = False
    always: bool = False
    merge_key: str | None = None
    replaced: bool = False

    @property
    def item(self) -> Type:
        """The type of one item of the list or map."""
        return Type(self.name)

    @property
    def go(self) -> str:
        """The type's name in Go, as in error messages: ``[]v1.Container``."""
        shape = {"": "", "list": "[]", "map": "map[string]"}[self.shape]
        if self.name == "Bytes":
            return shape + "[]uint8"
        packages = {"IntOrString": "intstr.", "Quantity": "resource.", "UID": "types."}
        plain = self.name in ("string", "bool", "int32", "int64")
        return shape + ("" if plain else packages.get(self.name, "v1.")) + self.name


class Struct(NamedTuple):
    """A struct: its name in Go, and the type of each field."""

    name: str
    fields: dict[str, Type]


def _parse_type(text: str) -> Type:
    text, tilde, key = text.partition("~")
    replaced = text.endswith("^")
    text = text.removesuffix("^")
    always = text.endswith("!")
    text = text.removesuffix("!")
    pointer = text.startswith("*")
    text = text.removeprefix("*")
    shape = {"[]": "list", "{}": "map"}.get(text[:2], "")
    name = text[2:] if shape else text
    return Type(name, shape, pointer, always, key if tilde else None, replaced)


@cache
def structs() -> dict[str, Struct]:
    """Return every struct by its name."""
    found = {}
    for line in _STRUCTS.strip().splitlines():
        name, *fields = line.split() or [""]
        types = {}
        for field in fields:
            key, equals, text = field.partition("=")
            if not equals:
                key, text = key.removesuffix("!"), "string!" if key.endswith("!") else "string"
            types[key] = _parse_type(text)
        if name:
            found[name] = Struct(name, types)
    return found


#: The kinds that this version of Kubernetes serves, by API version.
SERVED = {
    "v1": "Pod Service Namespace Node Event ConfigMap Secret Endpoints ServiceAccount "
    "PersistentVolume PersistentVolumeClaim ReplicationController LimitRange ResourceQuota "
    "PodTemplate Binding ComponentStatus",
    "apps/v1": "Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision",
    "batch/v1": "Job CronJob",
    "autoscaling/v1": "HorizontalPodAutoscaler",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "policy/v1": "PodDisruptionBudget",
    "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy IPAddress ServiceCIDR",
    "discovery.k8s.io/v1": "EndpointSlice",
    "events.k8s.io/v1": "Event",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding ClusterRole ClusterRoleBinding",
    "storage.k8s.io/v1": "StorageClass VolumeAttachment CSIDriver CSINode CSIStorageCapacity",
    "scheduling.k8s.io/v1": "PriorityClass",
    "coordination.k8s.io/v1": "Lease",
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
}
