"""Reads the compose files and the Kubernetes manifests of packaging/.

check FILE...      what a parser accepts and an orchestrator would refuse is an error
commands FILE...   each command line of belay in them: FILE, its place, and the words quoted for a shell
words FILE PLACE   the words of one, each ended by a NUL
"""
import shlex
import sys

import yaml

CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}
# Exit statuses after which the same once more does no harm.
RETRY = {0, 1, 3, 10, 11, 20, 21, 30}


def documents(file):
    with open(file, encoding="utf-8") as stream:
        return [one for one in yaml.safe_load_all(stream) if one]


def pod_of(document):
    inner = document.get("spec", {})
    while "template" in inner or "jobTemplate" in inner:
        inner = inner.get("jobTemplate", inner.get("template"))["spec"]
    return inner


def containers(document):
    """(place, container, words) of every container, of compose as of Kubernetes."""
    for name, service in document.get("services", {}).items():
        words = service.get("command", [])
        if service.get("image") == "belay":
            words = ["belay", *words]
        yield name, service, words
    pod = pod_of(document) if document.get("kind") != "PersistentVolumeClaim" else {}
    for container in pod.get("initContainers", []) + pod.get("containers", []):
        words = container.get("command", []) + container.get("args", [])
        if container["image"] == "belay" and "command" not in container:
            words = ["belay", *words]
        yield container["name"], container, words


def belay_commands(words):
    return [words] if words and words[0] == "belay" else []


def must(condition, text):
    if not condition:
        sys.exit(text)


# Files of a repository are their account's alone: who shares one runs the same image as the same user.
def check_accounts(services):
    accounts = {}
    for name, service in services.items():
        account = (service.get("image"), service.get("build"), service.get("user"))
        for mount in service.get("volumes", []):
            first = accounts.setdefault(mount.split(":")[0], (name, account))
            must(first[1] == account, f"{first[0]} and {name} share a volume and are different accounts")


def check_compose(file, document, services, volumes):
    for name, service in document.get("services", {}).items():
        must("image" in service or "build" in service, f"{file}: {name} has no image")
        must(all(isinstance(word, str) for word in service.get("command", [])), f"{file}: {name}: words")
        for other, how in service.get("depends_on", {}).items():
            must(other in services, f"{file}: {name} waits for {other}, which is not there")
            must(how["condition"] in CONDITIONS, f"{file}: {name}: {how}")
            if how["condition"] == "service_healthy":
                must("healthcheck" in services[other], f"{file}: {other} has no health check")
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            must(source.startswith(".") or source in volumes, f"{file}: no volume {source}")


def check_manifest(file, document):
    for key in ("apiVersion", "kind", "metadata", "spec"):
        must(key in document, f"{file}: no {key}")
    must(document["metadata"].get("name"), f"{file}: no name")
    if document["kind"] == "PersistentVolumeClaim":
        return
    pod = pod_of(document)
    must(pod["securityContext"]["runAsNonRoot"], f"{file}: runs as root")
    volumes = {volume["name"] for volume in pod.get("volumes", [])}
    names = [place for place, _, _ in containers(document)]
    must(len(set(names)) == len(names), f"{file}: two containers of one name")
    for place, container, words in containers(document):
        must(all(isinstance(word, str) for word in words), f"{file}: {place}: a word is not a text")
        for mount in container.get("volumeMounts", []):
            must(mount["name"] in volumes, f"{file}: {place} mounts {mount['name']}")
        for variable in container.get("env", []):
            must(isinstance(variable.get("value", ""), str), f"{file}: {variable['name']} is not a text")
    for rule in document["spec"].get("podFailurePolicy", {}).get("rules", []):
        codes = rule.get("onExitCodes")
        if codes is None:
            continue
        must(codes["containerName"] in names, f"{file}: no container {codes['containerName']}")
        must(not RETRY & set(codes["values"]), f"{file}: {RETRY & set(codes['values'])} may be tried again")
        must(codes["values"] == sorted(codes["values"]), f"{file}: exit statuses are not in order")
    if document["kind"] == "Job" and "podFailurePolicy" in document["spec"]:
        must(pod["restartPolicy"] == "Never", f"{file}: podFailurePolicy needs restartPolicy Never")


def main(what, *files):
    if what == "check":
        read = {file: documents(file) for file in files}
        every = [one for found in read.values() for one in found if "services" in one]
        services = {name: one for document in every for name, one in document["services"].items()}
        volumes = {name for document in every for name in document.get("volumes", {})}
        check_accounts(services)
        for file, found in read.items():
            must(found, f"{file}: empty")
            for document in found:
                if "services" in document:
                    check_compose(file, document, services, volumes)
                else:
                    check_manifest(file, document)
    elif what == "commands":
        for file in files:
            for document in documents(file):
                for place, _, words in containers(document):
                    for command in belay_commands(words):
                        print(file, place, shlex.join(command), sep="\t")
    elif what == "words":
        for document in documents(files[0]):
            for place, _, words in containers(document):
                if place == files[1]:
                    sys.stdout.write("".join(word + "\0" for word in words))
    else:
        sys.exit(__doc__)


main(*sys.argv[1:])
