{{/* Values that contradict each other. Each is refused in words, all at once, before anything is made. */}}

{{- define "crypto-rates.refusals" -}}
{{- $v := .Values }}
{{- $shared := include "crypto-rates.sharedStore" . }}
{{- $no := list }}

{{- /* Replicas. */}}
{{- $why := "the store is embedded, so each replica would keep rates of its own and ask the upstream for itself. Give them a shared one: valkey.enabled=true, store.existingSecret or store.url=redis://…" }}
{{- if and (not $shared) (gt (int $v.replicaCount) 1) (not $v.autoscaling.enabled) }}
{{- $no = append $no (printf "replicaCount is %d, but %s" (int $v.replicaCount) $why) }}
{{- end }}
{{- if and (not $shared) $v.autoscaling.enabled }}
{{- $no = append $no (printf "autoscaling.enabled asks for %d to %d replicas, but %s" (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas) $why) }}
{{- end }}
{{- if and $v.autoscaling.enabled (gt (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas)) }}
{{- $no = append $no (printf "autoscaling.minReplicas %d is more than autoscaling.maxReplicas %d" (int $v.autoscaling.minReplicas) (int $v.autoscaling.maxReplicas)) }}
{{- end }}
{{- if $v.autoscaling.enabled }}
{{- $targets := dict "cpu" $v.autoscaling.targetCPUUtilizationPercentage "memory" $v.autoscaling.targetMemoryUtilizationPercentage }}
{{- range $name, $target := $targets }}
{{- if and $target (not (dig $name "" (default dict $v.resources.requests))) }}
{{- $no = append $no (printf "autoscaling scales by %s in percent of its request, but resources.requests.%s is not set: the autoscaler could not tell, and would never act" $name $name) }}
{{- end }}
{{- end }}
{{- if not (or $targets.cpu $targets.memory $v.autoscaling.targetOpenStreams $v.autoscaling.extraMetrics) }}
{{- $no = append $no "autoscaling.enabled has nothing to scale by: set a target for CPU, memory or open streams, or extraMetrics" }}
{{- end }}
{{- end }}
{{- $least := $v.autoscaling.enabled | ternary $v.autoscaling.minReplicas $v.replicaCount | int }}
{{- $available := $v.podDisruptionBudget.minAvailable }}
{{- if and $v.podDisruptionBudget.enabled $available (gt $least 1) (or (eq (toString $available) "100%") (and (not (kindIs "string" $available)) (ge (int $available) $least))) }}
{{- $no = append $no (printf "podDisruptionBudget.minAvailable %v of %d replicas would let no node be drained" $available $least) }}
{{- end }}
{{- if and (eq (toString $v.rollingUpdate.maxSurge | trimSuffix "%") "0") (eq (toString $v.rollingUpdate.maxUnavailable | trimSuffix "%") "0") }}
{{- $no = append $no "rollingUpdate.maxSurge and rollingUpdate.maxUnavailable are both 0: an update could neither add a pod nor remove one" }}
{{- end }}

{{- /* The store. */}}
{{- $stores := list }}
{{- if $v.valkey.enabled }}{{ $stores = append $stores "valkey.enabled" }}{{ end }}
{{- if $v.store.existingSecret }}{{ $stores = append $stores "store.existingSecret" }}{{ end }}
{{- if $v.store.url }}{{ $stores = append $stores "store.url" }}{{ end }}
{{- if $v.persistence.enabled }}{{ $stores = append $stores "persistence.enabled" }}{{ end }}
{{- if gt (len $stores) 1 }}
{{- $no = append $no (printf "%s: there is one store, so only one of these can be set" (join ", " $stores)) }}
{{- end }}
{{- if and $v.persistence.existingClaim (not $v.persistence.enabled) }}
{{- $no = append $no "persistence.existingClaim is set, but persistence.enabled is false" }}
{{- end }}
{{- if contains "@" $v.store.url }}
{{- $no = append $no "store.url has a user or a password in it, which would lie open in a ConfigMap: put the whole address into a Secret and name it in store.existingSecret" }}
{{- end }}
{{- if hasPrefix "file:" $v.store.url }}
{{- $no = append $no "store.url names a file, but the chart decides where it is: leave store.url empty, and set persistence.enabled=true to keep it on a volume" }}
{{- end }}
{{- if and $v.valkey.enabled (not $v.valkey.auth.existingSecret) }}
{{- $no = append $no (printf "valkey.enabled needs valkey.auth.existingSecret, a Secret with its password, such as by: openssl rand -hex 24 | tr -d '\\n' >valkey-password.txt; kubectl --namespace %s create secret generic crypto-rates-valkey --from-file=%s=valkey-password.txt" .Release.Namespace $v.valkey.auth.existingSecretKey) }}
{{- end }}

{{- /* Alerts. */}}
{{- if and $v.alerts.rules (not $v.alerts.existingSecret) }}
{{- $no = append $no (printf "alerts.rules needs alerts.existingSecret, a Secret with the address to tell, such as by: kubectl --namespace %s create secret generic crypto-rates-alerts --from-file=%s=webhook-url.txt" .Release.Namespace $v.alerts.webhookUrlKey) }}
{{- end }}
{{- if and $v.alerts.existingSecret (not $v.alerts.rules) }}
{{- $no = append $no "alerts.existingSecret is set, but there are no alerts.rules: nobody would be told of anything" }}
{{- end }}

{{- /* Ways in and out. */}}
{{- if and $v.ingress.enabled (not $v.ingress.hosts) }}
{{- $no = append $no "ingress.enabled needs a host in ingress.hosts: without one it would take every host of the controller" }}
{{- end }}
{{- $covered := $v.ingress.hosts }}
{{- range $v.ingress.hosts }}
{{- /* A wildcard is for the names one level below it. */}}
{{- $covered = append $covered (regexReplaceAll "^[^.]+" . "*") }}
{{- end }}
{{- range $v.ingress.tls }}
{{- range .hosts }}
{{- if not (has . $covered) }}
{{- $no = append $no (printf "ingress.tls has the host %s, which is not in ingress.hosts" .) }}
{{- end }}
{{- end }}
{{- end }}
{{- if and $v.httpRoute.enabled (not $v.httpRoute.parentRefs) }}
{{- $no = append $no "httpRoute.enabled needs a Gateway in httpRoute.parentRefs" }}
{{- end }}
{{- if and (not $v.metrics.enabled) (or $v.ingress.enabled $v.httpRoute.enabled) }}
{{- $no = append $no "metrics.enabled=false puts /metrics on the main port, where the ingress or HTTPRoute would publish it: leave metrics.enabled on" }}
{{- end }}
{{- if and $v.metrics.enabled (eq (int $v.metrics.port) (int $v.config.port)) }}
{{- $no = append $no (printf "metrics.port and config.port are both %d: METRICS_ADDR needs a port of its own" (int $v.metrics.port)) }}
{{- end }}
{{- range $name, $host := dict "config.host" $v.config.host "metrics.host" $v.metrics.host }}
{{- if or (hasPrefix "127." $host) (eq $host "::1") }}
{{- $no = append $no (printf "%s %s is the pod's own loopback: neither Services nor probes would reach it" $name $host) }}
{{- end }}
{{- end }}
{{- if and $v.networkPolicy.enabled $shared (not $v.valkey.enabled) (not $v.networkPolicy.store.to) }}
{{- $no = append $no "networkPolicy.enabled would cut the pods off from their store: say where it is in networkPolicy.store.to, by podSelector or ipBlock" }}
{{- end }}
{{- if ne $v.service.type "LoadBalancer" }}
{{- range $name := list "loadBalancerClass" "loadBalancerSourceRanges" }}
{{- if get $v.service $name }}
{{- $no = append $no (printf "service.%s is set, but service.type is %s" $name $v.service.type) }}
{{- end }}
{{- end }}
{{- if and $v.service.externalTrafficPolicy (eq $v.service.type "ClusterIP") }}
{{- $no = append $no "service.externalTrafficPolicy is set, but service.type is ClusterIP" }}
{{- end }}
{{- end }}
{{- if and $v.service.nodePort (eq $v.service.type "ClusterIP") }}
{{- $no = append $no "service.nodePort is set, but service.type is ClusterIP" }}
{{- end }}

{{- /* The pod. */}}
{{- if eq (include "crypto-rates.tag" .) "latest" }}
{{- $no = append $no "image.tag latest does not say which build runs: it could not be rolled back, and open pages could not see that another build answers" }}
{{- end }}
{{- $least := add (int $v.preStopSleepSeconds) 15 }}
{{- if lt (int $v.terminationGracePeriodSeconds) (int $least) }}
{{- $no = append $no (printf "terminationGracePeriodSeconds is %d: with preStopSleepSeconds %d it must be at least %d, because the process takes up to 13 seconds to stop" (int $v.terminationGracePeriodSeconds) (int $v.preStopSleepSeconds) (int $least)) }}
{{- end }}
{{- $taken := concat (keys (include "crypto-rates.environment" . | fromYaml)) (list "COINGECKO_API_KEY" "STORE_URL" "METRICS_ADDR" "COINGECKO_URL" "COINBASE_URL" "KRAKEN_URL" "FRANKFURTER_URL" "RATES_REFERENCES" "VALKEY_PASSWORD" "ALERT_RULES" "ALERT_WEBHOOK_URL" "ALERT_WEBHOOK_SECRET") }}
{{- if $v.privateCA.existingConfigMap }}{{ $taken = concat $taken (list "SSL_CERT_FILE" "SSL_CERT_DIR") }}{{ end }}
{{- range $v.extraEnv }}
{{- if has .name $taken }}
{{- $no = append $no (printf "extraEnv sets %s, which has a value of its own in this chart" .name) }}
{{- end }}
{{- end }}
{{- $selectors := list "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" "app.kubernetes.io/version" "app.kubernetes.io/part-of" "app.kubernetes.io/managed-by" "helm.sh/chart" }}
{{- range $where, $labels := dict "commonLabels" $v.commonLabels "podLabels" $v.podLabels }}
{{- range $label, $_ := $labels }}
{{- if has $label $selectors }}
{{- $no = append $no (printf "%s sets %s, which is the chart's own" $where $label) }}
{{- end }}
{{- end }}
{{- end }}

{{- if $no }}
{{- fail (printf "\n\nThese values can't work:\n- %s\n" (join "\n- " $no)) }}
{{- end }}
{{- end }}
