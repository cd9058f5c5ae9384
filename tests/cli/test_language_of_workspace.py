"""Commands speak the language of the workspace that they are called for, unless the reader chooses."""

import pytest

from mindgap.cli.main import main


@pytest.fixture
def folder(tmp_path):
    main_without_exit("init", str(tmp_path / "shop"), "--language", "zh")
    return str(tmp_path / "shop")


def main_without_exit(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (("keys", "show"), "主密钥"),
        (("quality", "rules"), "机器人"),
        (("state", "show"), "状态"),
        (("identity", "keep-apart", "1", "2"), "不同的人"),
        (("quality", "rules"), "剔除内容"),
        (("quality", "rules"), "客户属性"),
        (("state", "show"), "行数"),
        (("consent", "c1"), "允许"),
        (("consent", "c1", "withdraw", "marketing"), "已撤回"),
        (("source", "add", "shop"), "接收地址"),
        (("source", "list"), "没有等待处理"),
        (("table",), "每行"),
        (("status",), "还没有运行过"),
    ],
)
def test_the_workspace_says_the_language(folder, capsys, command, word):
    main_without_exit(*command, "--dir", folder)
    assert word in capsys.readouterr().out


def test_a_new_workspace_is_announced_in_its_language(tmp_path, capsys):
    main_without_exit("init", str(tmp_path / "shop"), "--language", "zh")
    assert "接下来" in capsys.readouterr().out


def test_what_cannot_be_said_is_told_in_the_language_of_the_workspace(folder, capsys):
    with pytest.raises(SystemExit):
        main(["run", "--dir", folder])
    assert "订单" in capsys.readouterr().err
