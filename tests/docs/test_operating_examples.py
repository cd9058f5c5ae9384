"""The files of examples/operating are what their programs accept."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OPERATING = Path(__file__).resolve().parents[2] / "examples" / "operating"


def needs(program):
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


def accepted(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@needs("systemd-analyze")
@pytest.mark.parametrize("unit", ["mindgap-serve.service", "mindgap-worker.service"])
def test_units_are_valid_and_hardened(unit, tmp_path):
    text = (OPERATING / unit).read_text("utf-8").replace("/opt/mindgap/bin/mindgap", sys.executable)
    (tmp_path / unit).write_text(text, "utf-8")
    assert accepted("systemd-analyze", "verify", tmp_path / unit) == ""
    accepted("systemd-analyze", "security", "--offline=true", "--threshold=20", tmp_path / unit)


@needs("promtool")
def test_alerts_are_valid():
    accepted("promtool", "check", "rules", OPERATING / "alerts.yml")
    accepted("promtool", "check", "config", "--syntax-only", OPERATING / "prometheus.yml")


def test_alerts_use_figures_that_there_are():
    names = set(re.findall(r"mindgap_\w+", (OPERATING / "alerts.yml").read_text("utf-8")))
    code = "".join(path.read_text("utf-8") for path in (OPERATING.parents[1] / "src").rglob("*.py"))
    assert len(names) > 5
    assert [name for name in names if f'"{re.sub("_(total|bucket)$", "", name)}"' not in code] == []


@needs("caddy")
def test_caddyfile_is_valid():
    accepted("caddy", "validate", "--adapter", "caddyfile", "--config", OPERATING / "Caddyfile")


@needs("nginx")
@needs("openssl")
def test_nginx_configuration_is_valid(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "2")
    accepted(*request, "-keyout", key, "-out", certificate)
    text = (OPERATING / "nginx.conf").read_text("utf-8")
    for path, ours in (
        ("/etc/ssl/events.shop.example.pem", certificate),
        ("/etc/ssl/events.shop.example.key", key),
        ("/var/log/nginx/mindgap.log", tmp_path / "access.log"),
    ):
        text = text.replace(path, str(ours))
    (tmp_path / "site.conf").write_text(text, "utf-8")
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ include {tmp_path}/site.conf; }}\n"
    (tmp_path / "nginx.conf").write_text(whole, "utf-8")
    accepted("nginx", "-t", "-c", tmp_path / "nginx.conf")
