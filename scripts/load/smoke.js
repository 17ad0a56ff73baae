// Smoke: does everything answer, rightly and in time? Some seconds, one client; after every deployment.
//
//   BASE_URL=https://rates.example.org ALLOW_REMOTE=1 NETWORK_MS=50 k6 run scripts/load/smoke.js

import { KINDS, thresholds } from './lib/objectives.js';
import { NETWORK_MS, number } from './lib/settings.js';
import { everything, listen, setup } from './lib/mix.js';
import { STATISTICS, report } from './lib/report.js';

export { everything, listen, setup };
export const handleSummary = report('smoke');

export const options = {
  scenarios: {
    everything: {
      executor: 'per-vu-iterations',
      exec: 'everything',
      vus: 1,
      iterations: number('ROUNDS', 10, 1, 1000),
      maxDuration: '2m',
    },
    listener: { executor: 'per-vu-iterations', exec: 'listen', vus: 1, iterations: 1, maxDuration: '2m' },
  },
  thresholds: thresholds(KINDS, NETWORK_MS),
  summaryTrendStats: STATISTICS,
};
