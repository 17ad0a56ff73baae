#!/usr/bin/env bash
# Makes containerd and Docker on every node trust the registry's CA, one node after the other. A node that
# is not well, before or after, stops it there. Safe to repeat, and needed again for each new node.
#
# Usage: scripts/04-distribute-registry-certificates.sh [-i INVENTORY] [--check] [-- ANSIBLE_ARGUMENT...]
#   -i, --inventory  where hosts and settings are (playbooks/inventory, or the variable INVENTORY)
#   --check          say what would be done, and do nothing
#   --               all that follows goes to ansible-playbook: -- --limit node-2 --ask-become-pass
#
# Next: scripts/05-deploy-crypto-rates-to-k8s.sh
set -euo pipefail
source "$(dirname "$0")/ship.sh"

playbook_arguments "$@"
need_ansible
need ssh "apt-get install openssh-client"
need_inventory
has_all
say "distributing the registry's CA"
playbook nodes.yml
