"""Small documents that may be published, for tests."""

import copy
from typing import Any

PUMP: dict[str, Any] = {
    "kind": "machine",
    "title": "Bomba de mecate",
    "summary": "Sube agua de pozos de hasta 30 m con una soga y pistones de goma.",
    "hazards": ["crush"],
    "tasks": ["water"],
    "regions": ["NI", "BR-CE"],
    "licences": [{"key": "documentation", "licence": "CC-BY-SA-4.0"}],
    "bom": [
        {"key": "soga", "quantity": "40", "unit": "m", "name": "Mecate de nailon", "spec": "6 mm"},
        {"key": "tubo", "quantity": "2.5", "unit": "m", "name": "Tubo de PVC", "spec": '1"', "critical": "yes"},
    ],
    "steps": [
        {"key": "rueda", "title": "Haga la rueda", "text": "Corte **dos** flancos de llanta.", "parts": ["soga"]},
        {"key": "guia", "title": "Ponga la guía", "warning": "No meta la mano en la rueda."},
    ],
    "body": "## Cuidado\n\nEngrase el eje cada mes.\n\nVea [[comun/aparato-a|el aparato A]].\n",
}


def pump(**changes: Any) -> dict[str, Any]:
    """The pump with some parts changed; None takes a part away."""
    content = copy.deepcopy(PUMP) | changes
    return {name: part for name, part in content.items() if part is not None}
