"""Where the rates are kept: in the pod, on a volume, in a store that several replicas share."""

from rendered import STORE, VALKEY, Manifests, at


def test_in_the_pod():
    """Without a word about it, rates are kept in a bounded file of the pod, which outlives its container."""
    manifests = Manifests()
    assert manifests.environment()["STORE_URL"] == "file:///data"
    assert at(manifests.container(), "volumeMounts") == [{"name": "data", "mountPath": "/data"}]
    assert at(manifests.pod(), "spec volumes") == [{"name": "data", "emptyDir": {"sizeLimit": "256Mi"}}]
    assert at(manifests.get("Deployment"), "spec strategy type") == "RollingUpdate"
    assert "PersistentVolumeClaim" not in manifests.kinds()


def test_on_a_volume():
    """On a volume the old pod goes before the new one comes, and the claim outlives the release."""
    manifests = Manifests({"persistence.enabled": True})
    assert manifests.environment()["STORE_URL"] == "file:///data"
    assert at(manifests.pod(), "spec volumes 0 persistentVolumeClaim claimName") == "crypto-rates"
    assert at(manifests.pod(), "spec securityContext fsGroup") == 1000
    assert at(manifests.get("Deployment"), "spec strategy") == {"type": "Recreate"}
    claim = manifests.get("PersistentVolumeClaim")
    assert claim["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    assert at(claim, "metadata annotations helm.sh/resource-policy") == "keep"


def test_a_volume_that_is_there():
    """A claim that exists is used, and none is made."""
    manifests = Manifests({"persistence.enabled": True, "persistence.existingClaim": "rates"})
    assert "PersistentVolumeClaim" not in manifests.kinds()


def test_shared_stores_need_no_volume():
    """With a shared store, and with memory, the server's pod has no volume at all."""
    for values in [VALKEY, STORE, {"store.url": "redis://store"}, {"store.url": "memory:"}]:
        manifests = Manifests(values)
        assert at(manifests.pod(), "spec volumes") is None
        assert at(manifests.container(), "volumeMounts") is None


def test_without_a_password():
    """A store that needs no password is an address in the ConfigMap."""
    assert Manifests({"store.url": "rediss://store:6380/1"}).environment()["STORE_URL"] == "rediss://store:6380/1"


def test_valkey_address():
    """The address of the bundled Valkey has its password put in by Kubernetes, from your Secret."""
    manifests = Manifests(VALKEY)
    names = [variable["name"] for variable in manifests.container()["env"]]
    assert names.index("VALKEY_PASSWORD") < names.index("STORE_URL")
    variables = manifests.environment()
    assert variables["VALKEY_PASSWORD"] == ("valkey-password", "password")
    assert variables["STORE_URL"] == "redis://crypto-rates:$(VALKEY_PASSWORD)@crypto-rates-valkey:6379"
    service = manifests.get("Service", "-valkey")["spec"]
    pod = at(manifests.get("StatefulSet", "-valkey"), "spec template")
    assert service["selector"].items() <= pod["metadata"]["labels"].items()
    assert (service["ports"][0]["port"], service["ports"][0]["targetPort"]) == (6379, "valkey")
    assert at(pod, "spec containers 0 ports 0") == {"name": "valkey", "containerPort": 6379, "protocol": "TCP"}


def test_valkey_keeps_its_history():
    """Valkey's history is on a volume and logged to it; without one it is in the pod and not logged."""
    manifests = Manifests(VALKEY)
    valkey = manifests.get("StatefulSet", "-valkey")
    assert at(valkey, "spec volumeClaimTemplates 0 metadata name") == "data"
    assert "appendonly yes" in at(manifests.get("ConfigMap", "-valkey"), "data valkey.conf")
    manifests = Manifests({**VALKEY, "valkey.persistence.enabled": False})
    volumes = at(manifests.get("StatefulSet", "-valkey"), "spec template spec volumes")
    assert {"name": "data", "emptyDir": {"sizeLimit": "1Gi"}} in volumes
    assert "appendonly no" in at(manifests.get("ConfigMap", "-valkey"), "data valkey.conf")


def test_valkey_is_restarted_by_its_configuration_alone():
    """Another configuration restarts Valkey; another version of the server or of the chart does not."""

    def template(values):
        return at(Manifests({**VALKEY, **values}).get("StatefulSet", "-valkey"), "spec template")

    assert template({}) == template({"image.tag": "0.2.0"}) == template({"config.port": 8080})
    assert template({}) != template({"valkey.maxmemory": "32mb"})
    assert "helm.sh/chart" not in template({})["metadata"]["labels"]


def test_no_password_in_sight():
    """Valkey's password is in no file of the chart and in no argument of a process."""
    manifests = Manifests(VALKEY)
    container = at(manifests.get("StatefulSet", "-valkey"), "spec template spec containers 0")
    assert container["command"] == ["sh", "/etc/valkey/start.sh"] and "args" not in container
    start = at(manifests.get("ConfigMap", "-valkey"), "data start.sh")
    assert start.splitlines()[1].startswith("exec valkey-server /etc/valkey/valkey.conf - <<")
    assert "VALKEY_PASSWORD" not in start.splitlines()[1]
