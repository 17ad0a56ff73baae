"""In the place of a cluster of kind or k3d, which has to be pulled from a registry of images: the API alone.

Real helm and kubectl clients install, test, upgrade and roll back with it. It keeps objects in memory and calls
them ready, runs nothing and validates nothing.
"""

import copy
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlparse

import yaml
from kube_protobuf import decoded

KINDS = {
    "v1": "Namespace Pod Service ConfigMap Secret ServiceAccount PersistentVolumeClaim Event",
    "apps/v1": "Deployment StatefulSet ReplicaSet",
    "networking.k8s.io/v1": "NetworkPolicy Ingress",
    "policy/v1": "PodDisruptionBudget",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "gateway.networking.k8s.io/v1": "HTTPRoute",
    "monitoring.coreos.com/v1": "ServiceMonitor PrometheusRule",
    "traefik.io/v1alpha1": "Middleware",
}


def plural(kind: str) -> str:
    name = kind.lower()
    return name[:-1] + "ies" if name.endswith("y") else name + ("es" if name.endswith("s") else "s")


RESOURCES = {(group, plural(kind)): kind for group, kinds in KINDS.items() for kind in kinds.split()}
ADDRESS = re.compile(r"/(?:api/(v1)|apis/([^/]+/[^/]+))(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?(?:/([a-z]+))?")
START = "2026-01-01T00:00:00Z"


class Cluster:
    """What is installed, and how images behave: tests set `bad_tests` and `never_ready` to parts of an image's name."""

    def __init__(self):
        self.objects: dict[tuple, dict] = {}
        self.bad_tests: set[str] = set()
        self.never_ready: set[str] = set()
        self.events: list[tuple[int, str, tuple, dict]] = []
        self.changed = threading.Condition()
        self.closed = False

    def close(self) -> None:
        """Ends all watches."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def get(self, kind: str, name: str, namespace: str | None = None) -> dict | None:
        """The object, or None."""
        where = next(((group, each) for (group, each), known in RESOURCES.items() if known == kind))
        return self.objects.get((*where, namespace, name))

    def names(self, kind: str) -> list[str]:
        return [each["metadata"]["name"] for each in self.objects.values() if each["kind"] == kind]

    def put(self, key: tuple, new: dict) -> dict:
        group, resource, namespace, name = key
        before = self.objects.get(key)
        new.update(kind=RESOURCES[group, resource], apiVersion=group)
        meta = new["metadata"]
        version = len(self.events) + 1
        meta.update(name=name, resourceVersion=str(version))
        if namespace:
            meta["namespace"] = namespace
        meta.setdefault("uid", f"uid-{version}")
        meta.setdefault("creationTimestamp", START)
        meta["generation"] = (before["metadata"]["generation"] if before else 0) + 1
        # What a cluster fills in.
        if new["kind"] == "Service":
            new["spec"].setdefault("clusterIP", "192.0.2.1")
        if new["kind"] in ("Deployment", "StatefulSet"):
            new["spec"].setdefault("replicas", 1)
        if status := self.status(new):
            new["status"] = status
        self.record("MODIFIED" if before else "ADDED", key, new)
        if new["kind"] == "Deployment":
            self.put((group, "replicasets", namespace, f"{name}-1"), self.replica_set(new))
        return new

    def record(self, what: str, key: tuple, new: dict) -> None:
        if what == "DELETED":
            del self.objects[key]
        else:
            self.objects[key] = new
        self.events.append((len(self.events) + 1, what, key, copy.deepcopy(new)))
        self.changed.notify_all()

    def delete(self, key: tuple) -> None:
        self.record("DELETED", key, self.objects[key])
        if key[1] == "deployments":
            self.delete((key[0], "replicasets", key[2], f"{key[3]}-1"))

    def status(self, new: dict) -> dict | None:
        """What a cluster would tell after a while."""
        spec, generation = new.get("spec", {}), new["metadata"]["generation"]
        containers = spec.get("template", {}).get("spec", spec).get("containers", [])
        images = " ".join(each["image"] for each in containers)
        wanted = spec.get("replicas", 1)
        count = 0 if any(part in images for part in self.never_ready) else wanted
        replicas = {"observedGeneration": generation, "replicas": wanted, "updatedReplicas": count}
        replicas |= {"readyReplicas": count, "availableReplicas": count}
        match new["kind"]:
            case "PersistentVolumeClaim":
                return {"phase": "Bound"}
            case "Pod":
                return {"phase": "Failed" if any(part in images for part in self.bad_tests) else "Succeeded"}
            case "Deployment":
                progressing = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
                available = {"type": "Available", "status": "True" if count else "False"}
                return {**replicas, "conditions": [available, progressing]}
            case "ReplicaSet":
                return replicas
            case "StatefulSet":
                return {**replicas, "currentReplicas": count}
        return None

    @staticmethod
    def replica_set(deployment: dict) -> dict:
        meta, spec = deployment["metadata"], copy.deepcopy(deployment["spec"])
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "controller": True}
        owner |= {name: meta[name] for name in ("name", "uid")}
        labels = spec["template"]["metadata"]["labels"]
        return {
            "metadata": {"labels": labels, "ownerReferences": [owner]},
            "spec": {each: spec[each] for each in ("replicas", "selector", "template")},
        }


#: By what Kubernetes tells the entries of a list apart, where it does.
MERGE_KEYS = ("name", "mountPath", "containerPort", "port", "topologyKey")


def merged(old: dict, patch: dict, strategic: bool) -> dict:
    """RFC 7386; a strategic patch also has only those entries of a list that change."""
    for name, value in patch.items():
        before = old.get(name)
        if name.startswith("$"):
            continue
        if value is None:
            old.pop(name, None)
        elif isinstance(value, dict) and isinstance(before, dict):
            merged(before, value, strategic)
        elif strategic and isinstance(value, list) and isinstance(before, list):
            old[name] = merged_lists(before, value)
        else:
            old[name] = value
    return old


def merged_lists(old: list, patch: list) -> list:
    both = old + patch
    key = next((key for key in MERGE_KEYS if all(isinstance(each, dict) and key in each for each in both)), None)
    if key is None:
        return patch
    found = {each[key]: each for each in old}
    for each in patch:
        if each.get("$patch") == "delete":
            found.pop(each[key], None)
        else:
            found[each[key]] = merged(found.get(each[key], {}), each, True)
    return list(found.values())


def served(cluster: Cluster) -> ThreadingHTTPServer:
    """The API on a free port of loopback; serve_forever is the caller's."""

    class Api(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def answer(self, code: int, body: dict | bytes) -> None:
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/plain" if isinstance(body, bytes) else "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def failure(self, code: int, reason: str, message: str) -> None:
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure"}
            self.answer(code, status | {"reason": reason, "message": message, "code": code})

        def handle_any(self) -> None:
            url = urlparse(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = url.path.rstrip("/")
            if path == "/openapi/v2":
                # Protobuf of a document that describes nothing: clients then check nothing themselves.
                return self.answer(200, b"")
            if found := discovery(path):
                return self.answer(200, found)
            match = ADDRESS.fullmatch(path)
            core, group, namespace, resource, name, sub = match.groups() if match else [None] * 6
            group = core or group
            if alone := re.fullmatch("/api/v1/namespaces/([^/]+)", path):
                namespace, resource, name = None, "namespaces", alone[1]
                group, sub = "v1", None
            if (group, resource) not in RESOURCES:
                return self.failure(404, "NotFound", f"the server could not find the requested resource {path}")
            with cluster.changed:
                self.object((group, resource, namespace, name), sub, parse_qs(url.query), body)

        def object(self, key: tuple, sub: str | None, query: dict, body: bytes) -> None:
            group, resource, namespace, name = key
            there = cluster.objects.get(key)
            new = body and (decoded(body) if body.startswith(b"k8s\0") else yaml.safe_load(body))
            if name and there is None and self.command != "PATCH":
                return self.failure(404, "NotFound", f'{resource} "{name}" not found')
            match self.command:
                case "GET" if sub == "log":
                    self.answer(200, f"log of {name}\n".encode())
                case "GET" if name:
                    self.answer(200, there)
                case "GET":
                    self.many(key, {name: values[0] for name, values in query.items()})
                case "POST":
                    key = (group, resource, namespace, new["metadata"]["name"])
                    if key in cluster.objects:
                        return self.failure(409, "AlreadyExists", f'{resource} "{key[3]}" already exists')
                    self.answer(201, new if "dryRun" in query else cluster.put(key, new))
                case "PUT":
                    new["metadata"] |= {name: there["metadata"][name] for name in ("uid", "creationTimestamp")}
                    self.answer(200, cluster.put(key, new))
                case "PATCH":
                    how = self.headers["Content-Type"]
                    if there is None and "apply" not in how:
                        return self.failure(404, "NotFound", f'{resource} "{name}" not found')
                    # Whoever applies on the server's side says all that is theirs.
                    result = merged(copy.deepcopy(there), new, "strategic" in how) if there else new
                    self.answer(200, result if "dryRun" in query else cluster.put(key, result))
                case "DELETE":
                    cluster.delete(key)
                    self.answer(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

        def many(self, key: tuple, query: dict[str, str]) -> None:
            found = [each for at, each in cluster.objects.items() if wanted(at, each, key, query)]
            version = str(len(cluster.events))
            if query.get("watch") not in ("true", "1"):
                kind = RESOURCES[key[:2]]
                meta = {"resourceVersion": version}
                return self.answer(200, {"kind": kind + "List", "apiVersion": key[0], "metadata": meta, "items": found})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            seen = int(query.get("resourceVersion") or 0)
            if not seen:
                seen = len(cluster.events)
                for each in found:
                    self.tell("ADDED", each)
            if query.get("sendInitialEvents") == "true":
                meta = {"resourceVersion": version, "annotations": {"k8s.io/initial-events-end": "true"}}
                self.tell("BOOKMARK", {"kind": RESOURCES[key[:2]], "apiVersion": key[0], "metadata": meta})
            while not cluster.closed:
                for number, what, at, each in cluster.events[seen:]:
                    seen = number
                    if wanted(at, each, key, query):
                        self.tell(what, each)
                # A client that has gone is seen when it is told of something.
                cluster.changed.wait()

        def tell(self, what: str, each: dict) -> None:
            self.wfile.write((json.dumps({"type": what, "object": each}) + "\n").encode())
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """A watch whose client has gone."""

    return Server(("127.0.0.1", 0), Api)


def wanted(at: tuple, each: dict, key: tuple, query: dict[str, str]) -> bool:
    if at[:2] != key[:2] or key[2] not in (None, at[2]):
        return False
    labels = each["metadata"].get("labels") or {}
    terms = re.findall(r"([^,=!]+)==?([^,=]+)", query.get("labelSelector", ""))
    if any(labels.get(name) != value for name, value in terms):
        return False
    names = re.findall(r"metadata\.name=([^,]+)", query.get("fieldSelector", ""))
    return not names or each["metadata"]["name"] in names


def discovery(path: str) -> dict | None:
    """What there is, for clients that ask first."""
    if path == "/version":
        return {"major": "1", "minor": "34", "gitVersion": "v1.34.0"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        found = [{"groupVersion": group, "version": group.split("/")[1]} for group in KINDS if "/" in group]
        groups = [
            {"name": each["groupVersion"].split("/")[0], "versions": [each], "preferredVersion": each} for each in found
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    group = path.removeprefix("/apis/").removeprefix("/api/")
    if group in KINDS and path != group:
        verbs = ["get", "list", "create", "delete", "patch", "update", "watch"]
        resources = [
            {"name": name, "singularName": "", "kind": kind, "namespaced": kind != "Namespace", "verbs": verbs}
            for (known, name), kind in RESOURCES.items()
            if known == group
        ]
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": resources}
    return None
