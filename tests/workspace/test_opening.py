"""Opening a workspace makes its data folder."""

import stat

from mindgap.workspace import open as open_workspace


def test_the_data_folder_is_for_its_owner_alone(tmp_path):
    open_workspace(tmp_path / "shop")
    assert stat.S_IMODE((tmp_path / "shop/.mindgap").stat().st_mode) == 0o700
