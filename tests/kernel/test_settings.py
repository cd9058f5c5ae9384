import pytest

from mindgap.kernel.errors import SettingsError
from mindgap.kernel.settings import SourceSettings, read_settings, write_sources, write_workspace


def test_defaults_without_a_file(tmp_path):
    assert read_settings(tmp_path).workspace.name == tmp_path.name


def test_edits_keep_comments_and_read_back(tmp_path):
    path = tmp_path / "mindgap.toml"
    path.write_text("# ours\n[workspace]\nname = 'shop' # the shop\n", "utf-8")
    write_workspace(tmp_path, {"currency": "CNY", "time_zone": "Asia/Shanghai"})
    source = SourceSettings(path="a b.csv", kind="orders", map={"customer_id": "客户编号"})
    write_sources(tmp_path, {"a b": source})
    settings = read_settings(tmp_path)
    assert "# ours" in path.read_text("utf-8")
    assert "# the shop" in path.read_text("utf-8")
    assert settings.workspace.currency == "CNY"
    assert settings.sources["a b"] == source


@pytest.mark.parametrize(
    "text",
    [
        "[workspace",
        "[workspace]\ncurency = 'EUR'",
        "[workspace]\nmargin_rate = 3",
        "[workspace]\ntime_zone = 'Mars/Base'",
        "[workspace]\ncurrency = 'euro'",
    ],
)
def test_a_wrong_setting_says_where(tmp_path, text):
    (tmp_path / "mindgap.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError) as caught:
        read_settings(tmp_path)
    assert caught.value.hint


def test_what_a_source_no_longer_says_is_taken_out(tmp_path):
    said = SourceSettings(path="x.csv", kind="orders", map={"amount": "total"}, options={"day_first": True})
    write_sources(tmp_path, {"x": said, "y": said})
    write_sources(tmp_path, {"x": SourceSettings(path="x.csv", kind="orders")})
    sources = read_settings(tmp_path).sources
    assert (sources["x"].options, sources["x"].map) == ({}, {})
    assert sources["y"] == said
