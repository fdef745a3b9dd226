"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# A loaded machine is no failure; a failure is found again by running again.
settings.register_profile("symbp", deadline=None, derandomize=True)
settings.load_profile("symbp")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The project's root."""
    return Path(__file__).resolve().parent.parent
