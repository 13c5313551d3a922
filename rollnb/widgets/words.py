"""The words of the explorer, in English and in French; Kubernetes' own stay English."""

from __future__ import annotations

from rollnb.scenarios import SCENARIOS
from rollnb.words import speak

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "afterwards": "Afterwards",
        "again": "Start over",
        "apply": "Apply",
        "at_kill": "at SIGKILL",
        "at_term": "at SIGTERM",
        "before": "Before (thin lines), {}: {}.",
        "begin": "begin with",
        "begin_own": "own settings",
        "compare": "compare with",
        "compare_before": "setting before",
        "compare_held": "this one, held",
        "compare_none": "nothing",
        "copied": "Copied",
        "copy": "Copy",
        "endpoints": "pods that get requests",
        "exists": "{}, exists",
        "failed": "At {} s: {}",
        "gate": (
            "maxUnavailable of a StatefulSet needs the feature gate {}. It is open here, but "
            "closed by default in Kubernetes 1.36: there the field is dropped without a word, and "
            "pods are replaced one by one."
        ),
        "handles_sigterm": "process ends",
        "hashes": "hashes per second",
        "image_exists": "new image",
        "manifest": "Your own manifest",
        "max_surge": "maxSurge",
        "max_unavailable": "maxUnavailable",
        "min_ready_seconds": "minReadySeconds",
        "missing": "{}, missing",
        "new_pods": "New pods start",
        "nodes": "nodes",
        "now": "{}; {} pod-seconds short, {} extra.",
        "old_pods": "Old pods stop",
        "partition": "partition",
        "paste": "Paste the YAML of a Deployment, StatefulSet or DaemonSet, then Apply",
        "patch": "These settings for your cluster",
        "picture": "Pods by state and {} over {} seconds. {}",
        "play": "Play or pause",
        "pod_management_policy": "podManagementPolicy",
        "pods": "pods",
        "policy": (
            "No patch changes podManagementPolicy: here the StatefulSet was created with {}. On a "
            "cluster, delete it with --cascade=orphan, so that its pods stay, and create it anew."
        ),
        "pull_seconds": "pull (s)",
        "ready_seconds": "until ready (s)",
        "replicas": "replicas",
        "save": "Save {}",
        "seed": "seed",
        "slide": "Make a slide",
        "slide_title": "{}: {} → {}, {}",
        "spread_percent": "spread (± %)",
        "start_seconds": "start (s)",
        "state_at": "{} (seen until {} s)",
        "stop": "Back to 0 s",
        "stop_seconds": "stops after (s)",
        "strategy": "strategy",
        "template": (
            "The grace period is part of the pod template: this patch replaces all pods by "
            "itself, and the old ones still stop as they were told before."
        ),
        "terminal": "Terminal",
        "termination_grace_period_seconds": "grace period (s)",
        "then": "then",
        "then_delete": "delete highest pod",
        "then_nothing": "nothing",
        "then_push": "push {}",
        "then_seconds": "at (s)",
        "then_undo": "rollout undo",
        "then_undo_delete": "undo, then delete",
        "time": "time (s)",
        "upload": "Upload",
        "upload_what": "A manifest: .yaml, .yml or .json",
        "which": "roll out",
    },
    "fr": {
        "afterwards": "Ensuite",
        "again": "Recommencer",
        "apply": "Appliquer",
        "at_kill": "au SIGKILL",
        "at_term": "au SIGTERM",
        "before": "Avant (lignes fines), {} : {}.",
        "begin": "commencer par",
        "begin_own": "mes réglages",
        "compare": "comparer à",
        "compare_before": "réglage d'avant",
        "compare_held": "celui-ci, gardé",
        "compare_none": "rien",
        "copied": "Copié",
        "copy": "Copier",
        "endpoints": "pods qui reçoivent des requêtes",
        "exists": "{}, existe",
        "failed": "À {} s : {}",
        "gate": (
            "maxUnavailable d'un StatefulSet demande la feature gate {}. Elle est ouverte ici, "
            "mais fermée par défaut dans Kubernetes 1.36 : là, le champ est ignoré sans un mot, "
            "et les pods sont remplacés un par un."
        ),
        "handles_sigterm": "processus fini",
        "hashes": "hashes par seconde",
        "image_exists": "nouvelle image",
        "manifest": "Votre propre manifeste",
        "max_surge": "maxSurge",
        "max_unavailable": "maxUnavailable",
        "min_ready_seconds": "minReadySeconds",
        "missing": "{}, absente",
        "new_pods": "Démarrage des nouveaux pods",
        "nodes": "nœuds",
        "now": "{} ; {} pod-secondes manquantes, {} en plus.",
        "old_pods": "Arrêt des anciens pods",
        "partition": "partition",
        "paste": "Collez le YAML d'un Deployment, StatefulSet ou DaemonSet, puis Appliquer",
        "patch": "Ces réglages pour votre cluster",
        "picture": "Pods par état et {} pendant {} secondes. {}",
        "play": "Lecture ou pause",
        "pod_management_policy": "podManagementPolicy",
        "pods": "pods",
        "policy": (
            "Aucun patch ne change podManagementPolicy : ici, le StatefulSet a été créé avec {}. "
            "Sur un cluster, supprimez-le avec --cascade=orphan, pour que ses pods restent, et "
            "recréez-le."
        ),
        "pull_seconds": "pull (s)",
        "ready_seconds": "ready après (s)",
        "replicas": "replicas",
        "save": "Enregistrer {}",
        "seed": "seed",
        "slide": "Faire une diapositive",
        "slide_title": "{} : {} → {}, {}",
        "spread_percent": "écart (± %)",
        "start_seconds": "démarrage (s)",
        "state_at": "{} (observé jusqu'à {} s)",
        "stop": "Retour à 0 s",
        "stop_seconds": "arrêt en (s)",
        "strategy": "stratégie",
        "template": (
            "La grace period fait partie du pod template : ce patch remplace à lui seul tous les "
            "pods, et les anciens s'arrêtent encore comme prévu avant."
        ),
        "terminal": "Terminal",
        "termination_grace_period_seconds": "grace period (s)",
        "then": "action",
        "then_delete": "supprimer le dernier",
        "then_nothing": "rien",
        "then_push": "push de {}",
        "then_seconds": "à (s)",
        "then_undo": "rollout undo",
        "then_undo_delete": "undo, puis supprimer",
        "time": "temps (s)",
        "upload": "Charger",
        "upload_what": "Un manifeste : .yaml, .yml ou .json",
        "which": "déployer",
    },
}


def say(key: str, *values: object, lang: str = "en") -> str:
    """Return the words of `key` in a language, filled with `values`: see `rollnb.words.speak`."""
    return speak(WORDS, key, values, lang)


#: The titles of scenarios in French.
TITLES = {
    "lesson": "un en plus, un en moins : de v0.1 à v0.2",
    "default": "25 % en plus, 25 % en moins",
    "all-at-once": "d'abord tous les anciens pods, puis tous les nouveaux (Recreate)",
    "careful": "trois en plus, aucun en moins, dix secondes pour chauffer",
    "bad-image": "une image qui n'existe pas : bloqué à 9 + 2",
    "bad-image-pushed": "l'image manquante est poussée : l'essai suivant la trouve",
    "bad-image-undone": "la mise à jour avec l'image manquante est annulée",
    "statefulset": "un StatefulSet : un par un, à partir de l'ordinal le plus haut",
    "statefulset-trap": "un StatefulSet, image manquante, undo : le pod cassé reste",
    "statefulset-trap-opened": "undo, et le pod cassé supprimé : là, il se rétablit",
    "daemonset": "un DaemonSet : nœud après nœud, chacun un moment sans pod",
    "daemonset-surge": "un DaemonSet avec surge : sur chaque nœud d'abord le nouveau pod",
    "rng-on-four-nodes": "un worker plus lent quand rng tourne sur quatre nœuds : là, ça se voit",
}


def title(scenario: str, lang: str = "en") -> str:
    """Return the title of a scenario in a language."""
    return TITLES[scenario] if lang == "fr" else SCENARIOS[scenario].title
