"""What a comparison complains about, in English and in French.

Kubernetes' own words (available, ready, terminating, rollout status) stay English.
"""

from __future__ import annotations

from typing import NamedTuple

from rollnb.words import speak

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "changing": "changing",
        "complete": "complete",
        "curve": "curve {!r} is {:.2f} s per pod change beyond the tolerance (at most {})",
        "end": "end: simulated {}, recorded {}",
        "exit": "rollout status: exit {}, recorded {}",
        "last_change": "last change",
        "last_live_change": "last change of live pods",
        "low": "low of {}: simulated {} to {}, recorded {} to {} pods",
        "none": "none",
        "not_recorded": (
            "{}: simulated {} from {:.2f} to {:.2f} s, missing or out of order in the recording"
        ),
        "not_simulated": (
            "{}: recorded {} from {:.2f} to {:.2f} s, missing or out of order in the simulation"
        ),
        "one_side": "{}: simulated {}, recorded {}",
        "outcome": "outcome: simulated {}, recorded {}",
        "peak": "peak of {}: simulated {} to {}, recorded {} to {} pods",
        "runs": "rollout status: run {} times, recorded {}",
        "sizes": "replica set sizes {}",
        "state": "state",
        "status": "rollout status from {:.1f} s",
        "status_returned": "rollout status returned",
        "stuck": "stuck",
        "table": "{} at {:.1f} s: simulated {}, recorded {}",
        "time": "{}: simulated {:.2f} s, recorded {:.2f} s ({:+.2f} s)",
    },
    "fr": {
        "changing": "en cours",
        "complete": "terminé",
        "curve": "courbe {!r} : {:.2f} s hors tolérance par changement de pod (au plus {})",
        "end": "fin : {} dans la simulation, {} dans l'enregistrement",
        "exit": "rollout status : code de sortie {}, {} dans l'enregistrement",
        "last_change": "dernier changement",
        "last_live_change": "dernier changement d'un pod vivant",
        "low": "creux ({}) : simulé de {} à {}, enregistré de {} à {} pods",
        "none": "aucun",
        "not_recorded": (
            "{} : simulé {} de {:.2f} à {:.2f} s, absent de l'enregistrement, ou pas à sa place"
        ),
        "not_simulated": (
            "{} : enregistré {} de {:.2f} à {:.2f} s, absent de la simulation, ou pas à sa place"
        ),
        "one_side": "{} : simulé {}, enregistré {}",
        "outcome": "issue : {} dans la simulation, {} dans l'enregistrement",
        "peak": "pic ({}) : simulé de {} à {}, enregistré de {} à {} pods",
        "runs": "rollout status : lancé {} fois, {} fois dans l'enregistrement",
        "sizes": "tailles des ReplicaSets {}",
        "state": "état",
        "status": "rollout status depuis {:.1f} s",
        "status_returned": "retour de rollout status",
        "stuck": "bloqué",
        "table": "{} à {:.1f} s : simulé {}, enregistré {}",
        "time": "{} : simulé {:.2f} s, enregistré {:.2f} s ({:+.2f} s)",
    },
}


class Difference(NamedTuple):
    """A limit exceeded: a key of `WORDS`, and the values for its blanks.

    A value may be another one: what the sentence is about. None is nothing, such as the end of
    what still waits.
    """

    key: str
    values: tuple[object, ...] = ()


def say(difference: Difference, lang: str = "en") -> str:
    """Return the sentence for a difference: see `rollnb.words.speak`."""

    def put(value: object) -> object:
        if value is None:
            value = Difference("none")
        return say(value, lang) if isinstance(value, Difference) else value

    return speak(WORDS, difference.key, map(put, difference.values), lang)
