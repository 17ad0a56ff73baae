{{/* What the server's container gets: its variables, and where the store and certificates are. */}}

{{/* The plain variables, for the ConfigMap. An empty one counts as not set for the server; it is left
     out, so that `kubectl describe` shows what holds. */}}
{{- define "crypto-rates.environment" -}}
{{- $config := .Values.config }}
HOST: {{ $config.host | quote }}
PORT: {{ $config.port | quote }}
WORKERS: {{ $config.workers | quote }}
CACHE_DURATION: {{ $config.cacheDuration | quote }}
API_TIMEOUT: {{ $config.apiTimeout | quote }}
RATES_SOURCES: {{ join "," $config.ratesSources | quote }}
DELIST_AFTER: {{ $config.delistAfter | quote }}
UNCHANGED_AFTER: {{ $config.unchangedAfter | quote }}
{{- with $config.acceptOutliers }}
ACCEPT_OUTLIERS: {{ join "," . | quote }}
{{- end }}
{{- with $config.coingeckoUrl }}
COINGECKO_URL: {{ . | quote }}
{{- end }}
{{- with $config.coinbaseUrl }}
COINBASE_URL: {{ . | quote }}
{{- end }}
COINGECKO_API_PLAN: {{ $config.coingeckoApiPlan | quote }}
{{- if .Values.store.url }}
STORE_URL: {{ .Values.store.url | quote }}
{{- else if include "crypto-rates.fileStore" . }}
STORE_URL: file:///data
{{- end }}
HISTORY_DAYS: {{ $config.historyDays | quote }}
BASE_PATH: {{ $config.basePath | quote }}
{{- with $config.frameAncestors }}
FRAME_ANCESTORS: {{ join "," . | quote }}
{{- end }}
{{- if .Values.metrics.enabled }}
{{- $host := .Values.metrics.host }}
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
      name: {{ .existingSecret }}
      key: {{ .existingSecretKey }}
{{- end }}
{{- end }}
{{- if .Values.valkey.enabled }}
# Named first: Kubernetes puts it into the address below.
- name: VALKEY_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.valkey.auth.existingSecret }}
      key: {{ .Values.valkey.auth.existingSecretKey }}
- name: STORE_URL
  value: redis://crypto-rates:$(VALKEY_PASSWORD)@{{ include "crypto-rates.fullname" . }}-valkey:6379
{{- else if .Values.store.existingSecret }}
- name: STORE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.store.existingSecret }}
      key: {{ .Values.store.existingSecretKey }}
{{- end }}
{{- if .Values.privateCA.existingConfigMap }}
# Either variable alone would replace the image's certificates.
- name: SSL_CERT_FILE
  value: {{ .Values.privateCA.imageBundle }}
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
{{- end }}

{{- define "crypto-rates.volumes" -}}
{{- if include "crypto-rates.fileStore" . }}
- name: data
  {{- if .Values.persistence.enabled }}
  persistentVolumeClaim:
    claimName: {{ default (include "crypto-rates.fullname" .) .Values.persistence.existingClaim }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ .Values.store.sizeLimit }}
  {{- end }}
{{- end }}
{{- with .Values.privateCA.existingConfigMap }}
- name: ca
  configMap:
    name: {{ . }}
{{- end }}
{{- end }}

{{- define "crypto-rates.affinity" -}}
{{- if .Values.affinity }}
{{- toYaml .Values.affinity }}
{{- else if ne .Values.podAntiAffinity "none" }}
{{- $term := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "crypto-rates.selectorLabels" (dict "root" . "component" "server") | fromYaml)) }}
podAntiAffinity:
  {{- if eq .Values.podAntiAffinity "hard" }}
  requiredDuringSchedulingIgnoredDuringExecution:
    {{- list $term | toYaml | nindent 4 }}
  {{- else }}
  preferredDuringSchedulingIgnoredDuringExecution:
    {{- list (dict "weight" 100 "podAffinityTerm" $term) | toYaml | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "crypto-rates.topologySpread" -}}
{{- if .Values.topologySpreadConstraints }}
{{- toYaml .Values.topologySpreadConstraints }}
{{- else if .Values.topologySpread.enabled }}
{{- range .Values.topologySpread.topologyKeys }}
- topologyKey: {{ . }}
  maxSkew: {{ $.Values.topologySpread.maxSkew }}
  whenUnsatisfiable: {{ $.Values.topologySpread.whenUnsatisfiable }}
  labelSelector:
    matchLabels:
      {{- include "crypto-rates.selectorLabels" (dict "root" $ "component" "server") | nindent 6 }}
  # Counts the pods of one revision: those on their way out would spoil the spread.
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- end }}
