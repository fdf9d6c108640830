import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HttpReply, HttpRequest } from '../http/server.js';
import { newsOf, type Watched } from './news.js';
import { shell } from './shell.js';

const types = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8' };
const assets: Readonly<Record<string, string>> = {
  'page.js': types.js,
  'tables.js': types.js,
  'faults.js': types.js,
  'rows.js': types.js,
  'dom.js': types.js,
  'style.css': types.css,
};

/** Nothing from elsewhere, nothing written into the page, and in nobody's frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page at `/` and what belongs to it under `/__page`; undefined for everything else. */
export function answerPage(simulator: Watched, request: HttpRequest): HttpReply | undefined {
  if (!/^\/(\?|__page\/|$)/.test(request.target)) return undefined;
  const { pathname, searchParams } = new URL(request.target, 'https://localhost');
  if (request.method !== 'GET') return page(405, 'text/plain', 'The page is only read.');
  if (pathname === '/') return page(200, 'text/html; charset=utf-8', shell);
  const name = pathname.slice('/__page/'.length);
  if (name === 'news') return page(200, 'application/json', JSON.stringify(newsOf(simulator, searchParams)));
  const type = Object.hasOwn(assets, name) ? assets[name] : undefined;
  return type === undefined
    ? page(404, 'text/plain', 'The page has no such part.')
    : page(200, type, readFileSync(join(assetFolder(), name), 'utf8'));
}

const page = (status: number, type: string, body: string): HttpReply => ({
  status,
  body,
  headers: {
    'Content-Type': type,
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  },
});

/** Beside the sources, or in the build's copy of them. */
function assetFolder(): string {
  const wanted = 'apps/entra-simulator/src/page/assets';
  for (let dir = import.meta.dirname; dir !== dirname(dir); dir = dirname(dir)) {
    if (existsSync(join(dir, wanted, 'page.js'))) return join(dir, wanted);
  }
  throw new Error(`${wanted} not found above ${import.meta.dirname}`);
}
