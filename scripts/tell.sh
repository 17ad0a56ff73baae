#!/usr/bin/env bash
# Tells the team by Slack; a chat that is away fails nothing.
#
# Usage: scripts/tell.sh TEXT
#   SLACK_WEBHOOK  the address to post to, which is a secret; without one nobody is told
set -euo pipefail
source "$(dirname "$0")/ship.sh"

case ${1:-} in -h | --help) help; exit ;; '' | -*) wrong_usage ;; esac
[[ -n ${SLACK_WEBHOOK:-} ]] || { say "nobody is told, as SLACK_WEBHOOK is not set: $1"; exit; }
need curl "apt-get install curl"
need python3 "apt-get install python3"
has_all
# The address goes in by a file that nobody sees, and not by the command line.
TEXT=$1 python3 -c 'import json, os; print(json.dumps({"text": os.environ["TEXT"]}))' |
  curl --fail --silent --show-error --max-time 20 --retry 2 --output /dev/null \
    --header 'Content-Type: application/json' --data @- --config <(printf 'url = "%s"\n' "$SLACK_WEBHOOK") || say "no message was sent: $1"
