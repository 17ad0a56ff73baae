"""The configuration that Terraform gives Alertmanager, taken by a real one, which then tells somebody."""

import copy
import http.server
import json
import queue
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import yaml

sys.path.append(str(Path(__file__).resolve().parents[3] / "benches"))
import harness

EMAIL = '{ to = "a@example.org", from = "b@example.org", smarthost = "smtp.example.org:587", username = "b" }'
EVERYBODY = f'-var=alerts={{ slack = {{ channel = "#rates" }}, email = {EMAIL}, pagerduty = true }}'

# Debian's program reads its templates from where the package would be installed, which would start a service.
IN_PLACE = """mount -t tmpfs none /usr/share; mkdir /usr/share/prometheus
ln -s "$1" /usr/share/prometheus/alertmanager; shift; exec "$0" "$@" """


@pytest.fixture(scope="module")
def alertmanager(terraform) -> dict:
    """The values of kube-prometheus-stack's Alertmanager, with every receiver that there is."""
    plan = terraform.plan("platform", "staging", EVERYBODY)
    return yaml.safe_load(plan["helm_release.kube_prometheus_stack"]["values"][0])["alertmanager"]


def configuration(values: dict, tmp_path: Path, slack: str) -> Path:
    """In a file, with what the operator would mount of the Secret in a folder of the test's."""
    (secret,) = values["alertmanagerSpec"]["secrets"]
    for key, value in {"slack-url": slack, "smtp-password": "not-a-password", "pagerduty-key": "0" * 32}.items():
        (tmp_path / key).write_text(value)
    file = tmp_path / "alertmanager.json"
    file.write_text(json.dumps(values["config"]).replace(f"/etc/alertmanager/secrets/{secret}", str(tmp_path)))
    return file


def test_configuration(alertmanager, tmp_path):
    """Alertmanager's own check takes it: Slack, mail and PagerDuty, none with a secret in it."""
    file = configuration(alertmanager, tmp_path, "https://hooks.example.org/x")
    done = subprocess.run(["amtool", "check-config", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    team = next(receiver for receiver in alertmanager["config"]["receivers"] if receiver["name"] == "team")
    assert team.keys() == {"name", "slack_configs", "email_configs", "pagerduty_configs"}
    settings = [setting for kind, listed in team.items() if kind != "name" for setting in listed]
    paths = [value for setting in settings for name, value in setting.items() if name.endswith("_file")]
    assert sorted(Path(path).name for path in paths) == ["pagerduty-key", "slack-url", "smtp-password"]


def test_an_alert_reaches_somebody(alertmanager, tmp_path):
    """An alert is told in the channel, with its summary and its runbook; Watchdog, which always fires, is not."""
    told: queue.Queue = queue.Queue()

    class Slack(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            told.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response_only(200)
            self.end_headers()
            self.wfile.write(b"ok")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slack)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # The others are on the Internet; half a minute for alerts that belong together is cut short.
    values = copy.deepcopy(alertmanager)
    values["config"]["route"]["group_wait"] = "0s"
    for receiver in values["config"]["receivers"]:
        for kind in receiver.keys() - {"name", "slack_configs"}:
            del receiver[kind]
    file = configuration(values, tmp_path, f"http://127.0.0.1:{server.server_port}/")
    port = harness.free_port()
    program = Path(shutil.which("prometheus-alertmanager")).resolve()
    templates = program.parents[1] / "share/prometheus/alertmanager"
    command = ["unshare", "--map-root-user", "--mount", "sh", "-ec", IN_PLACE, program, templates]
    command += [f"--config.file={file}", f"--storage.path={tmp_path / 'data'}", "--cluster.listen-address="]
    command += [f"--web.listen-address=127.0.0.1:{port}"]
    with harness.process(command, port):
        amtool = ["amtool", f"--alertmanager.url=http://127.0.0.1:{port}", "alert", "add"]
        words = {"summary": "Nothing can be scraped", "runbook_url": "https://docs.example.org/#down"}
        amtool += [f"--annotation={name}={text}" for name, text in words.items()]
        for labels in (["Watchdog"], ["CryptoRatesDown", "namespace=staging"]):
            subprocess.run([*amtool, *labels], check=True)
        message = told.get(timeout=20)
    server.shutdown()
    assert message["channel"] == "#rates" and told.empty()
    (attachment,) = message["attachments"]
    assert attachment["title"] == "firing: CryptoRatesDown (staging)"
    assert attachment["text"].strip() == "Nothing can be scraped https://docs.example.org/#down"
