"""`make audit`: where nobody can be asked, that is said, and it is no failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / ".ci" / "audit"


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_a_service_that_cannot_be_reached_is_said() -> None:
    env = {**os.environ, "AUDIT_SERVICE": "http://127.0.0.1:9"}
    done = subprocess.run(["bash", str(SCRIPT), sys.executable], env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "audit: the service of known vulnerabilities cannot be reached (http://127.0.0.1:9); nothing was checked\n"
