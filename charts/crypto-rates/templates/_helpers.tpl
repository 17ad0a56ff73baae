{{/* Names and labels that all manifests share. */}}

{{- define "crypto-rates.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 43 | trimSuffix "-" }}
{{- end }}

{{/* Cut at 43 of the 63 characters that a name may have: StatefulSets append a dash and a hash of ten
     to `<name>-valkey`, and the result is a label. */}}
{{- define "crypto-rates.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 43 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 43 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 43 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{/* What a selector may use. A Deployment's selector can't be changed, so nothing here may depend on a
     version or on values other than the names. Takes (dict "root" $ "component" "server"). */}}
{{- define "crypto-rates.selectorLabels" -}}
app.kubernetes.io/name: {{ include "crypto-rates.name" .root | quote }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* The recommended labels. Takes the same, and labels to add as "extra". */}}
{{- define "crypto-rates.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" | quote }}
{{ include "crypto-rates.podLabels" . }}
{{- end }}

{{/* The same for pods, without the chart's version: a new chart with the same pod restarts nothing. */}}
{{- define "crypto-rates.podLabels" -}}
{{ include "crypto-rates.selectorLabels" . }}
{{- if ne .component "valkey" }}
app.kubernetes.io/version: {{ include "crypto-rates.tag" .root | replace "+" "_" | trunc 63 | trimSuffix "-" | trimSuffix "." | trimSuffix "_" | quote }}
{{- end }}
app.kubernetes.io/part-of: crypto-rates
app.kubernetes.io/managed-by: {{ .root.Release.Service | quote }}
{{- with merge (dict) (default dict .extra) .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Name, namespace, labels and annotations of a manifest. Takes (dict "root" $ "component" "server"), and if
     need be "suffix" or "name", "namespace", "labels" and "annotations". */}}
{{- define "crypto-rates.metadata" -}}
name: {{ default (printf "%s%s" (include "crypto-rates.fullname" .root) (default "" .suffix)) .name | quote }}
namespace: {{ default .root.Release.Namespace .namespace | quote }}
labels:
  {{- include "crypto-rates.labels" (dict "root" .root "component" .component "extra" .labels) | nindent 2 }}
{{- with merge (dict) (default dict .annotations) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "crypto-rates.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "crypto-rates.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "crypto-rates.tag" -}}
{{- default .Chart.AppVersion .Values.image.tag }}
{{- end }}

{{/* Takes (dict "root" $ "image" … "tag" …). A digest decides; the tag beside it is for people. */}}
{{- define "crypto-rates.image" -}}
{{- with coalesce .root.Values.global.imageRegistry .image.registry }}{{ . }}/{{ end }}{{ .image.repository }}:{{ .tag }}
{{- with .image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "crypto-rates.serverImage" -}}
{{- include "crypto-rates.image" (dict "root" . "image" .Values.image "tag" (include "crypto-rates.tag" .)) }}
{{- end }}

{{/* A storage class, as charts have it: "-" is none at all, so that the cluster makes no volume. */}}
{{- define "crypto-rates.storageClass" -}}
{{- with . }}
storageClassName: {{ eq . "-" | ternary "" . | quote }}
{{- end }}
{{- end }}

{{/* "yes" if other replicas can use the store, too. Only a shared one has a password, so a Secret
     means one. */}}
{{- define "crypto-rates.sharedStore" -}}
{{- if or .Values.valkey.enabled .Values.store.existingSecret (hasPrefix "redis" .Values.store.url) }}yes{{ end }}
{{- end }}

{{/* "yes" if the store is a file below /data. */}}
{{- define "crypto-rates.fileStore" -}}
{{- if not (or (include "crypto-rates.sharedStore" .) .Values.store.url) }}yes{{ end }}
{{- end }}

{{/* What stands before the path of every address: nothing, or such as /rates. */}}
{{- define "crypto-rates.basePath" -}}
{{- .Values.config.basePath | trimSuffix "/" }}
{{- end }}

{{/* Where Prometheus finds the metrics. A port of their own knows no base path. */}}
{{- define "crypto-rates.metricsPath" -}}
{{- if not .Values.metrics.enabled }}{{ include "crypto-rates.basePath" . }}{{ end }}/metrics
{{- end }}

{{/* The name of the port, and of the Service's port, where Prometheus finds /metrics. */}}
{{- define "crypto-rates.metricsPort" -}}
{{- if .Values.metrics.enabled }}metrics{{ else }}http{{ end }}
{{- end }}
