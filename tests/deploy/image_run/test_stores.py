"""Where the rates are kept: in a volume, or on a server that is found by its name."""

import re


def health(container) -> dict:
    return container.get("/health").json()


def ready(container) -> bool:
    return container.health() == "healthy"


def test_a_volume_keeps_the_rates(run, docker, upstream, volume: str, until):
    """A new container on the same volume has the last good rates at once, though the upstream is gone"""
    first = run("--volume", f"{volume}:/data", "--env", "CACHE_DURATION=3600")
    until("Docker finds it healthy", lambda: ready(first))
    kept = health(first)["snapshot"]
    assert health(first)["store"] == {"kind": "file", "degraded": False}
    first.stop()
    docker("rm", first.id)
    second = run("--volume", f"{volume}:/data", "--env", "COINGECKO_URL=http://upstream:1")
    until("Docker finds it healthy", lambda: ready(second))
    now = health(second)["snapshot"]
    assert (now["id"], now["last_updated"]) == (kept["id"], kept["last_updated"])
    docker("rm", "--force", second.id)


def test_a_folder_that_refuses(run, upstream, until):
    """Where /data can't be written to, the rates are served from memory, and health says so"""
    container = run("--tmpfs", "/data:ro")
    until("Docker finds it healthy", lambda: ready(container))
    assert health(container)["store"] == {"kind": "file", "degraded": True}
    assert container.get("/api/rates").status == 200


def test_redis_by_name(run, containers, network: str, helpers: str, upstream, until):
    """Two replicas find their Redis by its name, and one of them asks the upstream for both"""
    redis = ["redis-server", "--save", "", "--protected-mode", "no"]
    containers("--network", network, "--network-alias", "store", helpers, *redis)
    replicas = [run("--env", "STORE_URL=redis://store") for _ in range(2)]
    for replica in replicas:
        until("Docker finds it healthy", lambda: ready(replica))

    def roles() -> list[str]:
        return sorted(health(replica)["store"].get("role", "") for replica in replicas)

    until("one is in charge", lambda: roles() == ["in_charge", "waiting"])
    assert all(health(replica)["store"]["kind"] == "redis" for replica in replicas)
    assert not any(health(replica)["store"]["degraded"] for replica in replicas)
    metrics = [replica.get("/metrics").body.decode() for replica in replicas]
    assert sorted(re.search(r"^rates_in_charge (\d)", text, re.M)[1] for text in metrics) == ["0", "1"]


def test_a_name_that_is_not_there(run, until):
    """A name that nobody has is a failure that says so, and not a crash"""
    container = run("--env", "COINGECKO_URL=http://nosuch.invalid", "--env", "RUST_LOG=info,crypto_rates=debug")
    until("the failed look-up is logged", lambda: "failed to lookup address information" in container.logs())
    assert container.get("/health/live").status == 200
    assert container.get("/health").status == 503
