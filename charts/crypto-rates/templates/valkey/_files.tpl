{{/* The files of the bundled Valkey. The password is in none of them: start.sh takes it from the
     environment and hands it over on standard input, so that no list of processes shows it. */}}
{{- define "crypto-rates.valkeyFiles" -}}
valkey.conf: |
  port 6379
  # Who may come in is decided by the user below and by the NetworkPolicy.
  protected-mode no
  dir /data
  maxmemory {{ .Values.valkey.maxmemory }}
  # Another policy might take the history away.
  maxmemory-policy noeviction
  save ""
  appendonly {{ .Values.valkey.persistence.enabled | ternary "yes" "no" }}
  appendfsync everysec
start.sh: |
  # One user, with the commands and keys that the server needs, and no other.
  exec valkey-server /etc/valkey/valkey.conf - <<EOF
  user default off
  user crypto-rates on >$VALKEY_PASSWORD ~{crypto-rates:1}:* &crypto-rates:1:* -@all +get +set +del +rename +type +time +ping +pexpire +pttl +zadd +zrangebyscore +zremrangebyscore +publish +subscribe +eval +evalsha +script|load +select
  EOF
ping.sh: |
  REDISCLI_AUTH=$VALKEY_PASSWORD valkey-cli --user crypto-rates ping | grep -q PONG
{{- end }}
