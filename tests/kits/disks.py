"""A disk that is soon full."""

import subprocess

import pytest


@pytest.fixture
def small_disk(tmp_path):
    """A folder that holds little; `grow(kilobytes)` makes it larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    size = "size=4k"
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip("needs the right to mount a small disk")
    yield (
        folder,
        lambda kilobytes: subprocess.run(
            ["mount", "-o", f"remount,size={kilobytes}k", folder], check=True, capture_output=True
        ),
    )
    subprocess.run(["umount", "--lazy", folder], check=False)
