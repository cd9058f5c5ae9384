"""Opening a workspace makes its data folder, and so does bringing a backup back."""

import stat

from mindgap.kernel.settings import write_workspace
from mindgap.workspace import open as open_workspace
from mindgap.workspace.backup import back_up, restore


def test_the_data_folder_is_for_its_owner_alone(tmp_path):
    shop, again = tmp_path / "shop", tmp_path / "again"
    shop.mkdir()
    write_workspace(shop, {"name": "Shop"})
    open_workspace(shop).stores.ledger.engine.dispose()
    back_up(shop, tmp_path / "backup")
    restore(again, tmp_path / "backup", key_file=shop / ".mindgap/keys/master.key")
    assert [stat.S_IMODE((one / ".mindgap").stat().st_mode) for one in (shop, again)] == [0o700, 0o700]
