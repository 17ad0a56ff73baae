#!/usr/bin/env bash
# Runs a command with a Docker engine: with the one that answers, else with one of its own, which ends
# with the command and touches no other. What its own one has built stays in the tools folder; as any
# engine does, it leaves its rules for forwarding on the machine.
#
# Usage: scripts/docker-engine.sh COMMAND [ARGUMENT]...   (a shell with an engine: … bash)
set -euo pipefail
source "$(dirname "$0")/env.sh"

(($#)) || die "usage: $0 COMMAND [ARGUMENT]..."
# Left to themselves, older clients take the builder that is no longer kept up.
export DOCKER_BUILDKIT=1 DOCKER_ENGINE_ANSWERS=1

# Where the machine's own engine is root's alone, its client is, too.
engine_answers() {
  if have docker && timeout 20 docker version >/dev/null 2>&1; then return; fi
  [[ -z ${DOCKER_HOST:-} && -S /run/docker.sock && ! -w /run/docker.sock && -x /usr/bin/docker ]] && have sudo || return
  mkdir -p "$TOOLS/docker/bin"
  printf '#!/bin/sh\nexec sudo --preserve-env=DOCKER_BUILDKIT /usr/bin/docker "$@"\n' >"$TOOLS/docker/bin/docker"
  chmod +x "$TOOLS/docker/bin/docker"
  export PATH=$TOOLS/docker/bin:$PATH
  timeout 20 docker version >/dev/null 2>&1
}

if engine_answers; then exec "$@"; fi
# Not on the path of everybody.
PATH=$PATH:/usr/sbin:/sbin
if ! { have dockerd && [[ -x /usr/bin/docker ]]; }; then
  setup engine
  # Where services start by themselves, this one has.
  sleep 2
  if engine_answers; then exec "$@"; fi
fi

home=$TOOLS/docker
bridge=rates-$(id -u)
mkdir -p "$home"
exec 9>"$home/lock"
flock --nonblock 9 || { say "waiting for another script to end its Docker engine"; flock 9; }

# Ends the engine in the pid file, and with it its containers, if it is the one of this folder.
end_engine() {
  local pid
  if pid=$(cat "$home/engine.pid" 2>/dev/null) && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null |
    grep --quiet --fixed-strings -- "--data-root $home/data "; then
    say "ending the Docker engine"
    as_root kill "$pid"
    timeout 60 tail --pid="$pid" --follow /dev/null || die "the Docker engine $pid does not end"
  fi
  as_root rm -f "$home/engine.pid"
  [[ ! -e /sys/class/net/$bridge ]] || as_root ip link delete "$bridge"
}

# One whose script was killed.
end_engine
# A socket's path may have 107 characters: not in the tools folder.
run=$(mktemp -d "${TMPDIR:-/tmp}/crypto-rates-docker.XXXXXX")
trap clean_up EXIT
clean_up() {
  end_engine
  # The network of containers that had the host's own.
  awk -v run="$run/" 'index($2, run) == 1 { print $2 }' /proc/mounts | while read -r mounted; do
    as_root umount "$mounted"
  done
  as_root rm -rf "$run"
}

say "no Docker engine answers: starting one for this command"
# A bridge of its own: another engine may take the usual one, docker0, away.
as_root ip link add "$bridge" type bridge
# In a session of its own, so that Ctrl-C ends the command first.
as_root setsid dockerd --data-root "$home/data" --exec-root "$run/exec" --pidfile "$home/engine.pid" \
  --host "unix://$run/docker.sock" --bridge "$bridge" --group "$(id -g)" >"$run/log" 2>&1 9>&- &
# The client that came with the engine: another may not fit.
mkdir "$run/bin"
ln -s /usr/bin/docker "$run/bin/docker"
export PATH=$run/bin:$PATH DOCKER_HOST=unix://$run/docker.sock
unset DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
for ((second = 0; ; second++)); do
  if docker version >/dev/null 2>&1; then break; fi
  if ! kill -0 $! 2>/dev/null || ((second == 60)); then
    tail -n 5 "$run/log" >&2
    die "the Docker engine does not start here"
  fi
  sleep 1
done
"$@" 9>&-
