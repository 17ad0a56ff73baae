// Spike: a link goes around. From a quiet load to SPIKE requests a second within a tenth of the time, for
// three tenths; and then, whether all is as before.
//
//   RATE=50 SPIKE=1000 DURATION=1m k6 run scripts/load/spike.js

import { KINDS, thresholds } from './lib/objectives.js';
import { NETWORK_MS, duration, number } from './lib/settings.js';
import { listen, setup, visit } from './lib/mix.js';
import { STATISTICS, report } from './lib/report.js';

export { listen, setup, visit };
export const handleSummary = report('spike');

const seconds = duration('1m', 1800);
const rate = number('RATE', 50, 1, 5000);
const spike = number('SPIKE', 1000, 1, 20_000);
const tenths = (count) => `${Math.max(1, Math.round((seconds * count) / 10))}s`;

export const options = {
  scenarios: {
    readers: {
      executor: 'ramping-arrival-rate',
      exec: 'visit',
      // So many answers are more than k6 could look into on two cores.
      env: { CHECKED: `${number('CHECKED', 0.1, 0, 1)}` },
      startRate: rate,
      stages: [
        { target: rate, duration: tenths(2) },
        { target: spike, duration: tenths(1) },
        { target: spike, duration: tenths(3) },
        { target: rate, duration: tenths(1) },
        { target: rate, duration: tenths(3) },
      ],
      preAllocatedVUs: 100,
      maxVUs: 1000,
    },
    listeners: {
      executor: 'constant-vus',
      exec: 'listen',
      vus: number('LISTENERS', 20, 1, 1000),
      duration: `${seconds}s`,
    },
  },
  thresholds: {
    ...thresholds(KINDS, NETWORK_MS),
    dropped_iterations: [`count<=${Math.ceil(spike * seconds * 0.01)}`],
  },
  summaryTrendStats: STATISTICS,
};
