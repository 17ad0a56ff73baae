// Steady: the load of a busy day. RATE requests a second come whether or not earlier ones have been
// answered, and LISTENERS hear the stream.
//
//   RATE=200 DURATION=1m LISTENERS=20 k6 run scripts/load/steady.js

import { KINDS, thresholds } from './lib/objectives.js';
import { NETWORK_MS, duration, number } from './lib/settings.js';
import { listen, setup, visit } from './lib/mix.js';
import { STATISTICS, report } from './lib/report.js';

export { listen, setup, visit };
export const handleSummary = report('steady');

const seconds = duration('1m', 3600);
const rate = number('RATE', 200, 1, 5000);

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
      vus: number('LISTENERS', 20, 1, 1000),
      duration: `${seconds}s`,
    },
  },
  thresholds: {
    ...thresholds(KINDS, NETWORK_MS),
    // Else it was less load than was asked for.
    dropped_iterations: [`count<=${Math.ceil(rate * seconds * 0.01)}`],
  },
  summaryTrendStats: STATISTICS,
};
