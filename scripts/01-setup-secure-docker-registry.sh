#!/usr/bin/env bash
# Sets the private registry up on the host that the inventory names: TLS, passwords, storage, systemd.
# Safe to repeat: what is as it should be is left alone.
#
# Usage: scripts/01-setup-secure-docker-registry.sh [-i INVENTORY] [--check] [-- ANSIBLE_ARGUMENT...]
#   -i, --inventory  where hosts and settings are (playbooks/inventory, or the variable INVENTORY)
#   --check          say what would be done, and do nothing
#   --               all that follows goes to ansible-playbook: -- --ask-become-pass --tags users
#
# The password: REGISTRY_PASSWORD in the environment, else from ansible-vault (vault_registry_password),
# else it is asked for. REGISTRY_USER is crypto-rates unless set. Address and CA are noted in
# ~/.config/crypto-rates/registry. Next: scripts/02-build-crypto-rates-application.sh
set -euo pipefail
source "$(dirname "$0")/ship.sh"

playbook_arguments "$@"
need_ansible
need ssh "apt-get install openssh-client"
need_inventory
has_all
# Who has a vault is not asked.
grep --quiet --recursive --extended-regexp '^[$]ANSIBLE_VAULT|!vault' "$inventory" || ask_password
say "setting the registry up"
playbook registry.yml
