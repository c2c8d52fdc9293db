import type { Registry } from 'prom-client';
import type { App } from '../app.js';
import type { Assets } from '../assets.js';
import type { Authenticate } from '../auth.js';
import type { Clock } from '../clock.js';
import type { Links } from '../links.js';
import type { Log } from '../log.js';
import type { Pages } from '../web.js';

/** What the server stands on. It owns none of it: whoever made it disposes of it. */
export interface ServerOptions {
  app: App;
  authenticate: Authenticate;
  assets: Pick<Assets, 'open' | 'size'>;
  links: Links;
  pages: Pages;
  /** Resolves when a request could be served now; rejects with what is missing. */
  ready: () => Promise<void>;
  clock: Clock;
  log: Log;
  /** Where people reach this server, without a trailing slash; null: what the request's Host header says. */
  publicUrl: string | null;
  introspection: boolean;
  /** Where measurements go; absent: a registry of its own, with the process's default metrics. */
  registry?: Registry;
  /** WebSockets open at once; 20,000 (about 0.4 GB) when absent. */
  maxSockets?: number;
}
