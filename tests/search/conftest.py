"""What all tests of search share."""

import pytest

from search import answering


@pytest.fixture(autouse=True)
def unhurried(request, monkeypatch):
    """A machine that is busy otherwise finds the same. How long a question may take is asked with hostile ones."""
    if "hostile" not in request.node.name:
        monkeypatch.setattr(answering, "CPU_SECONDS", 5.0)
