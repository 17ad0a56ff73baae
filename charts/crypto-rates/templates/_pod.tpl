{{/* What all pods share, and what the server's container gets: its variables, and where store and certificates
     are. */}}

{{/* Account, secrets to pull with, security; the pods of tests, of the server and of Valkey have the same. */}}
{{- define "crypto-rates.podBase" -}}
serviceAccountName: {{ include "crypto-rates.serviceAccountName" . | quote }}
automountServiceAccountToken: false
# Variables for each Service of the namespace could only be mistaken for settings.
enableServiceLinks: false
{{- $secrets := list }}
{{- range concat .Values.global.imagePullSecrets .Values.imagePullSecrets (default list .Values.pullSecrets) }}
{{- $secrets = append $secrets (kindIs "string" . | ternary (dict "name" .) .) }}
{{- end }}
{{- with $secrets | uniq }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.dnsConfig }}
dnsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.hostAliases }}
hostAliases:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The plain variables, for the ConfigMap. An empty one counts as not set for the server; it is left
     out, so that `kubectl describe` shows what holds. */}}
{{- define "crypto-rates.environment" -}}
{{- $config := .Values.config }}
HOST: {{ $config.host | quote }}
PORT: {{ int64 $config.port | quote }}
WORKERS: {{ int64 $config.workers | quote }}
CACHE_DURATION: {{ int64 $config.cacheDuration | quote }}
API_TIMEOUT: {{ int64 $config.apiTimeout | quote }}
RATES_SOURCES: {{ join "," $config.ratesSources | quote }}
{{- with $config.ratesReferences }}
RATES_REFERENCES: {{ join "," . | quote }}
{{- end }}
DELIST_AFTER: {{ int64 $config.delistAfter | quote }}
UNCHANGED_AFTER: {{ int64 $config.unchangedAfter | quote }}
{{- with $config.acceptOutliers }}
ACCEPT_OUTLIERS: {{ join "," . | quote }}
{{- end }}
{{- with $config.coingeckoUrl }}
COINGECKO_URL: {{ . | quote }}
{{- end }}
{{- with $config.coinbaseUrl }}
COINBASE_URL: {{ . | quote }}
{{- end }}
{{- with $config.krakenUrl }}
KRAKEN_URL: {{ . | quote }}
{{- end }}
{{- with $config.frankfurterUrl }}
FRANKFURTER_URL: {{ . | quote }}
{{- end }}
COINGECKO_API_PLAN: {{ $config.coingeckoApiPlan | quote }}
{{- if .Values.store.url }}
STORE_URL: {{ .Values.store.url | quote }}
{{- else if include "crypto-rates.fileStore" . }}
STORE_URL: file:///data
{{- end }}
HISTORY_DAYS: {{ int64 $config.historyDays | quote }}
HISTORY_BACKFILL: {{ $config.historyBackfill | quote }}
{{- if .Values.alerts.rules }}
ALERT_RULES: /etc/crypto-rates/alerts/alerts.toml
{{- end }}
BASE_PATH: {{ $config.basePath | quote }}
{{- with $config.frameAncestors }}
FRAME_ANCESTORS: {{ join "," . | quote }}
{{- end }}
{{- if .Values.metrics.enabled }}
{{- $host := default $config.host .Values.metrics.host }}
METRICS_ADDR: {{ printf "%s:%d" (contains ":" $host | ternary (printf "[%s]" $host) $host) (int .Values.metrics.port) | quote }}
{{- end }}
APP_VERSION: {{ default (include "crypto-rates.tag" .) $config.appVersion | trunc 64 | quote }}
RUST_LOG: {{ $config.rustLog | quote }}
LOG_FORMAT: {{ $config.logFormat | quote }}
{{- end }}

{{/* The variables that hold a secret, or lead to certificates. */}}
{{- define "crypto-rates.env" -}}
{{- with .Values.coingeckoApiKey }}
{{- if .existingSecret }}
- name: COINGECKO_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret | quote }}
      key: {{ .existingSecretKey | quote }}
{{- end }}
{{- end }}
{{- with .Values.alerts }}
{{- if .rules }}
- name: ALERT_WEBHOOK_URL
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret | quote }}
      key: {{ .webhookUrlKey | quote }}
{{- if .webhookSecretKey }}
- name: ALERT_WEBHOOK_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ .existingSecret | quote }}
      key: {{ .webhookSecretKey | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.valkey.enabled }}
# Named first: Kubernetes puts it into the address below.
- name: VALKEY_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.valkey.auth.existingSecret | quote }}
      key: {{ .Values.valkey.auth.existingSecretKey | quote }}
- name: STORE_URL
  value: {{ printf "redis://crypto-rates:$(VALKEY_PASSWORD)@%s-valkey:6379" (include "crypto-rates.fullname" .) | quote }}
{{- else if .Values.store.existingSecret }}
- name: STORE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.store.existingSecret | quote }}
      key: {{ .Values.store.existingSecretKey | quote }}
{{- end }}
{{- if .Values.privateCA.existingConfigMap }}
# Either variable alone would replace the image's certificates.
- name: SSL_CERT_FILE
  value: {{ .Values.privateCA.imageBundle | quote }}
- name: SSL_CERT_DIR
  value: /etc/crypto-rates/ca
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "crypto-rates.volumeMounts" -}}
{{- if include "crypto-rates.fileStore" . }}
- name: data
  mountPath: /data
{{- end }}
{{- if .Values.privateCA.existingConfigMap }}
- name: ca
  mountPath: /etc/crypto-rates/ca
  readOnly: true
{{- end }}
{{- if .Values.alerts.rules }}
- name: alerts
  mountPath: /etc/crypto-rates/alerts
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "crypto-rates.volumes" -}}
{{- if include "crypto-rates.fileStore" . }}
- name: data
  {{- if .Values.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ default (include "crypto-rates.fullname" .) .Values.persistence.existingClaim | quote }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.store.sizeLimit | quote }}
  {{- end }}
{{- end }}
{{- with .Values.privateCA.existingConfigMap }}
- name: ca
  configMap:
    name: {{ . | quote }}
{{- end }}
{{- if .Values.alerts.rules }}
- name: alerts
  configMap:
    name: {{ printf "%s-alerts" (include "crypto-rates.fullname" .) | quote }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "crypto-rates.topologySpread" -}}
{{- if .Values.topologySpreadConstraints }}
{{- toYaml .Values.topologySpreadConstraints }}
{{- else if .Values.topologySpread.enabled }}
{{- range .Values.topologySpread.topologyKeys }}
- topologyKey: {{ . | quote }}
  maxSkew: {{ int64 $.Values.topologySpread.maxSkew }}
  whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
  labelSelector:
    matchLabels:
      {{- include "crypto-rates.selectorLabels" (dict "root" $ "component" "server") | nindent 6 }}
  # Counts the pods of one revision: those on their way out would spoil the spread.
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- end }}
