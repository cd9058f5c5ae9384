import pytest
from console_fake_workspace import FakeWorkspace


@pytest.fixture
def workspace():
    return FakeWorkspace()
