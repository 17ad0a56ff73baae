// Soak: half an hour, or up to eight, of everything at once; does memory grow, do the rates grow old?
// Reads the server's metrics, at METRICS_URL if they have an address of their own (METRICS_ADDR).
//
//   RATE=100 DURATION=30m LISTENERS=50 k6 run scripts/load/soak.js

import http from 'k6/http';
import { check } from 'k6';
import { Trend } from 'k6/metrics';
import { KINDS, OLDEST_S, RESIDENT_MB, thresholds } from './lib/objectives.js';
import { BASE_URL, NETWORK_MS, duration, number } from './lib/settings.js';
import { listen, setup, visit } from './lib/mix.js';
import { STATISTICS, report } from './lib/report.js';

export { listen, setup, visit };
export const handleSummary = report('soak');

const seconds = duration('30m', 8 * 3600);
const rate = number('RATE', 100, 1, 5000);
const metrics = __ENV.METRICS_URL || `${BASE_URL}/metrics`;

const resident = new Trend('server_resident_mb');
const age = new Trend('server_rates_age_s');
const streams = new Trend('server_streams');

/** One look at the server from within. */
export function watch() {
  const answer = http.get(metrics, { tags: { kind: 'metrics', name: 'metrics' }, timeout: '10s' });
  const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(answer.body ?? '')?.[1]);
  const known = {
    resident: value('process_resident_memory_bytes') / 1e6,
    age: value('rates_snapshot_age_seconds'),
    streams: value('crypto_app_streams'),
  };
  const there = check(answer, {
    'the metrics tell memory, age and streams': () => Object.values(known).every(Number.isFinite),
  });
  if (!there) return;
  resident.add(known.resident);
  age.add(known.age);
  streams.add(known.streams);
}

export const options = {
  scenarios: {
    readers: {
      executor: 'constant-arrival-rate',
      exec: 'visit',
      rate,
      duration: `${seconds}s`,
      preAllocatedVUs: 50,
      maxVUs: 500,
    },
    listeners: {
      executor: 'constant-vus',
      exec: 'listen',
      vus: number('LISTENERS', 50, 1, 1000),
      duration: `${seconds}s`,
    },
    watcher: {
      executor: 'constant-arrival-rate',
      exec: 'watch',
      rate: 1,
      timeUnit: `${Math.min(10, seconds)}s`,
      duration: `${seconds}s`,
      preAllocatedVUs: 1,
    },
  },
  thresholds: {
    ...thresholds(KINDS, NETWORK_MS),
    dropped_iterations: [`count<=${Math.ceil(rate * seconds * 0.01)}`],
    server_resident_mb: [`max<${RESIDENT_MB}`],
    server_rates_age_s: [`max<${OLDEST_S}`],
    server_streams: ['max>0'],
  },
  summaryTrendStats: STATISTICS,
};
