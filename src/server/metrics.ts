import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { App, GenerateAnswer } from '../app.js';

/** A registry with the process's default metrics. */
export function makeRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/** The same app, counting how presses of Generate end. */
export function counted(app: App, registry: Registry): App {
  const presses = new Counter({
    name: 'genquota_generate_total',
    help: 'Answered generate requests, by outcome: accepted, replayed, exhausted, or failed with a fault.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of ['accepted', 'replayed', 'exhausted', 'failed'])
    presses.inc({ outcome }, 0);
  async function count(pressing: Promise<GenerateAnswer>): Promise<GenerateAnswer> {
    try {
      const answer = await pressing;
      const replayed = answer.kind === 'accepted' && answer.replayed;
      presses.inc({ outcome: replayed ? 'replayed' : answer.kind });
      return answer;
    } catch (error) {
      presses.inc({ outcome: 'failed' });
      throw error;
    }
  }

  return {
    ...app,
    generate: (account, request) => count(app.generate(account, request)),
    refine: (account, request) => count(app.refine(account, request)),
  };
}

/** Measures the WebSockets open in this process. */
export function measureSockets(registry: Registry, count: () => number): void {
  new Gauge({
    name: 'genquota_websockets',
    help: 'WebSockets open now.',
    registers: [registry],
    collect() {
      this.set(count());
    },
  });
}
