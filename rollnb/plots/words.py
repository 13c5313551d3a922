"""The words on figures, in English and in French.

Kubernetes' own words (available, ready, terminating, maxSurge) stay as practitioners say them.
"""

from __future__ import annotations

from typing import Any

from rollnb.words import number, speak

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "all pods": "all pods",
        "alt_bar": "Bars in {} row, from {} to {} s:",
        "alt_bars": "One bar for each of {} rows, from {} to {} s:",
        "alt_constant": "{} {} throughout",
        "alt_curves": "Over time, {} from {} to {} s:",
        "alt_down_to": ", down to {}",
        "alt_from_to": "{} from {} to {}",
        "alt_spell": "{} in {} row between {} and {} s",
        "alt_spells": "{} in {} rows between {} and {} s",
        "alt_until": "{} until {} s",
        "alt_up_to": ", up to {}",
        "answered": "answered",
        "available": "{} available",
        "because": "{}: {}",
        "complete": "complete at {} s",
        "complete_short": "complete after {} s",
        "available_state": "available",
        "deadline exceeded": "progress deadline exceeded",
        "deleted": "deleted",
        "down_state": "down",
        "last_gone": "last process of {} ends at {} s",
        "least": "at least {} available",
        "lost": "lost: {} of {} requests",
        "most": "up to {} pods with terminating ones",
        "most_short": "up to {} pods",
        "new": "new",
        "nodes": "nodes",
        "now": "{} s: {} available, {} pods with terminating ones",
        "old": "old",
        "old_gone": "last old process ends at {} s",
        "pause": "Pause",
        "paused": "paused",
        "pending_state": "pending",
        "play": "Play",
        "pods": "pods",
        "progressing": "still progressing",
        "ready_state": "ready",
        "real_peak": "{} pods at most,\nwith terminating",
        "recorded": "recorded",
        "replicas": "replicas",
        "replicas_limit": "≤ {} = {}",
        "requests": "requests/s",
        "revision": "revision {}",
        "running_state": "running, not ready",
        "simulated": "simulated",
        "spec_peak": "{} by the spec:\n{}",
        "starting_state": "pulling, starting",
        "stuck": "stuck",
        "surge_limit": "≤ {} = {}\n+ maxSurge",
        "surge_peak": "{} by the spec:\n{}\n+ maxSurge",
        "terminating": "{} terminating",
        "terminating_state": "terminating",
        "time": "time (s)",
        "unavailable": "{} not yet available",
        "unavailable_limit": "≥ {} = {}\n− maxUnavailable",
    },
    "fr": {
        "all pods": "tous les pods",
        "alt_bar": "Des barres sur {} ligne, de {} à {} s :",
        "alt_bars": "Une barre pour chacune des {} lignes, de {} à {} s :",
        "alt_constant": "{} {} tout le temps",
        "alt_curves": "Au cours du temps, {} de {} à {} s :",
        "alt_down_to": ", au moins {}",
        "alt_from_to": "{} de {} à {}",
        "alt_spell": "{} sur {} ligne entre {} et {} s",
        "alt_spells": "{} sur {} lignes entre {} et {} s",
        "alt_until": "{} jusqu'à {} s",
        "alt_up_to": ", au plus {}",
        "answered": "avec réponse",
        "available": "{} available",
        "because": "{} : {}",
        "complete": "terminé à {} s",
        "complete_short": "terminé en {} s",
        "available_state": "available",
        "deadline exceeded": "progress deadline dépassée",
        "deleted": "supprimé",
        "down_state": "arrêté",
        "last_gone": "dernier processus de {} fini à {} s",
        "least": "au moins {} available",
        "lost": "perdues : {} requêtes sur {}",
        "most": "jusqu'à {} pods avec les terminating",
        "most_short": "jusqu'à {} pods",
        "new": "nouveaux",
        "nodes": "nodes",
        "now": "{} s : {} available, {} pods avec les terminating",
        "old": "anciens",
        "old_gone": "dernier ancien processus fini à {} s",
        "pause": "Pause",
        "paused": "en pause",
        "pending_state": "pending",
        "play": "Lire",
        "pods": "pods",
        "progressing": "en cours",
        "ready_state": "ready",
        "real_peak": "{} pods au plus,\navec les terminating",
        "recorded": "enregistré",
        "replicas": "replicas",
        "replicas_limit": "≤ {} = {}",
        "requests": "requêtes/s",
        "revision": "révision {}",
        "running_state": "running, pas ready",
        "simulated": "simulé",
        "spec_peak": "{} selon le spec :\n{}",
        "starting_state": "pull, démarrage",
        "stuck": "bloqué",
        "surge_limit": "≤ {} = {}\n+ maxSurge",
        "surge_peak": "{} selon le spec :\n{}\n+ maxSurge",
        "terminating": "{} terminating",
        "terminating_state": "terminating",
        "time": "temps (s)",
        "unavailable": "{} pas encore available",
        "unavailable_limit": "≥ {} = {}\n− maxUnavailable",
    },
}


def say(key: str, *values: object, lang: str = "en") -> str:
    """Return the words of `key` in a language, filled with `values`: see `rollnb.words.speak`."""
    return speak(WORDS, key, values, lang)


def name_outcome(run: Any, lang: str = "en") -> str:
    """Say after how long a run is complete, or in which state it ends instead."""
    summary = run.summary
    if summary.state == "complete":
        return say("complete_short", number(summary.duration_seconds, lang), lang=lang)
    return name_state(summary, lang)


def name_state(summary: Any, lang: str = "en") -> str:
    """Say in which state a run is that is not complete, and why, as far as that is known."""
    state = say(summary.state, lang=lang)
    return say("because", state, summary.reason, lang=lang) if summary.reason else state


def describe(run: Any, lang: str = "en", *, short: bool = False) -> str:
    """Say in a line how a run went: how long, how few, how many."""
    summary = run.summary
    end = name_outcome(run, lang)
    least = say("least", summary.least_available, lang=lang)
    most = say("most_short" if short else "most", summary.most_pods, lang=lang)
    return f"{end}, {least}, {most}"
