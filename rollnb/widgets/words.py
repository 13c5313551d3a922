"""The words of the explorer, in English and in French; Kubernetes' own stay English."""

from __future__ import annotations

from rollnb.plots.words import speak

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "apply": "Apply",
        "at_kill": "at SIGKILL",
        "at_term": "at SIGTERM",
        "base": "Deployment",
        "before": "Before (thin lines), {}: {}.",
        "compare": "compare with",
        "compare_before": "setting before",
        "compare_held": "this one, held",
        "compare_none": "nothing",
        "copied": "Copied",
        "copy": "Copy",
        "deployment": "Deployment",
        "endpoints": "pods that get requests",
        "exists": "{}, exists",
        "handles_sigterm": "process ends",
        "hashes": "hashes per second",
        "image_exists": "new image",
        "manifest": "Your own Deployment",
        "max_surge": "maxSurge",
        "max_unavailable": "maxUnavailable",
        "min_ready_seconds": "minReadySeconds",
        "missing": "{}, missing",
        "new_pods": "New pods start",
        "now": "{}; {} pod-seconds short, {} extra.",
        "old_pods": "Old pods stop",
        "paste": "Paste the YAML of a Deployment, then Apply",
        "patch": "These settings for your cluster",
        "picture": "Pods by state and {} over {} seconds. {}",
        "pods": "pods",
        "pull_seconds": "pull (s)",
        "ready_seconds": "until ready (s)",
        "replicas": "replicas",
        "save": "Save {}",
        "slide": "Save as slide",
        "slide_saved": "Saved {} and {} in {}",
        "slide_title": "{}: {} → {}, maxSurge {}, maxUnavailable {}",
        "spread_percent": "spread (± %)",
        "start_seconds": "start (s)",
        "template": (
            "The grace period is part of the pod template: this patch replaces all pods by "
            "itself, and the old ones still stop as they were told before."
        ),
        "terminal": "Terminal",
        "termination_grace_period_seconds": "grace period (s)",
        "time": "time (s)",
        "upload": "Upload",
    },
    "fr": {
        "apply": "Appliquer",
        "at_kill": "au SIGKILL",
        "at_term": "au SIGTERM",
        "base": "Deployment",
        "before": "Avant (lignes fines), {} : {}.",
        "compare": "comparer à",
        "compare_before": "réglage d'avant",
        "compare_held": "celui-ci, gardé",
        "compare_none": "rien",
        "copied": "Copié",
        "copy": "Copier",
        "deployment": "Deployment",
        "endpoints": "pods qui reçoivent des requêtes",
        "exists": "{}, existe",
        "handles_sigterm": "processus finit",
        "hashes": "hashes par seconde",
        "image_exists": "image",
        "manifest": "Votre propre Deployment",
        "max_surge": "maxSurge",
        "max_unavailable": "maxUnavailable",
        "min_ready_seconds": "minReadySeconds",
        "missing": "{}, absente",
        "new_pods": "Démarrage des nouveaux pods",
        "now": "{} ; {} pod-secondes manquantes, {} en plus.",
        "old_pods": "Arrêt des anciens pods",
        "paste": "Collez le YAML d'un Deployment, puis Appliquer",
        "patch": "Ces réglages pour votre cluster",
        "picture": "Pods par état et {} pendant {} secondes. {}",
        "pods": "pods",
        "pull_seconds": "pull (s)",
        "ready_seconds": "ready après (s)",
        "replicas": "replicas",
        "save": "Enregistrer {}",
        "slide": "Enregistrer en diapositive",
        "slide_saved": "{} et {} enregistrés dans {}",
        "slide_title": "{} : {} → {}, maxSurge {}, maxUnavailable {}",
        "spread_percent": "écart (± %)",
        "start_seconds": "démarrage (s)",
        "template": (
            "La grace period fait partie du pod template : ce patch remplace à lui seul tous les "
            "pods, et les anciens s'arrêtent encore comme prévu avant."
        ),
        "terminal": "Terminal",
        "termination_grace_period_seconds": "grace period (s)",
        "time": "temps (s)",
        "upload": "Charger",
    },
}


def say(key: str, *values: object, lang: str = "en") -> str:
    """Return the words of `key` in a language, filled with `values`: see `plots.words.speak`."""
    return speak(WORDS, key, values, lang)
