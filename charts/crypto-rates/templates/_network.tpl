{{/* The rules of the NetworkPolicies. Ports are numbers, since not every network plugin knows names on the
     way out. A list of peers that is empty would let everybody through: such a rule is left out. */}}

{{/* The pods of one component as a peer. Takes what selectorLabels takes. */}}
{{- define "crypto-rates.peer" -}}
- podSelector:
    matchLabels:
      {{- include "crypto-rates.selectorLabels" . | nindent 6 }}
{{- end }}

{{/* Page, API and metrics. */}}
{{- define "crypto-rates.serverPorts" -}}
- protocol: TCP
  port: {{ int .Values.config.port }}
{{- if .Values.metrics.enabled }}
- protocol: TCP
  port: {{ int .Values.metrics.port }}
{{- end }}
{{- end }}

{{- define "crypto-rates.ingressRules" -}}
{{- with .Values.networkPolicy.ingressController }}
- from:
    {{- toYaml . | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ int $.Values.config.port }}
{{- end }}
{{- with .Values.networkPolicy.prometheus }}
- from:
    {{- toYaml . | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ $.Values.metrics.enabled | ternary $.Values.metrics.port $.Values.config.port | int }}
{{- end }}
{{- if .Values.tests.enabled }}
- from:
    {{- include "crypto-rates.peer" (dict "root" . "component" "test") | nindent 4 }}
  ports:
    {{- include "crypto-rates.serverPorts" . | nindent 4 }}
{{- end }}
{{- with .Values.networkPolicy.extraIngress }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "crypto-rates.dnsEgress" -}}
{{- with .Values.networkPolicy.dns.to }}
- to:
    {{- toYaml . | nindent 4 }}
  ports:
    - protocol: UDP
      port: {{ int $.Values.networkPolicy.dns.port }}
    - protocol: TCP
      port: {{ int $.Values.networkPolicy.dns.port }}
{{- end }}
{{- end }}

{{- define "crypto-rates.egressRules" -}}
{{- include "crypto-rates.dnsEgress" . }}
{{- with .Values.networkPolicy.upstreams }}
{{- if .to }}
- to:
    {{- toYaml .to | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ int .port }}
{{- end }}
{{- end }}
{{- if .Values.valkey.enabled }}
- to:
    {{- include "crypto-rates.peer" (dict "root" . "component" "valkey") | nindent 4 }}
  ports:
    - protocol: TCP
      port: 6379
{{- else if include "crypto-rates.sharedStore" . }}
- to:
    {{- toYaml .Values.networkPolicy.store.to | nindent 4 }}
  ports:
    - protocol: TCP
      port: {{ int .Values.networkPolicy.store.port }}
{{- end }}
{{- with .Values.networkPolicy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end }}
