import type { RequestKind } from '../request-log.ts';

/** The paths of the API, relative to its prefix. Those of lists end with a slash, all others do not. */
const PATHS: readonly { method: 'GET' | 'POST'; pattern: RegExp; kind: RequestKind }[] = [
  { method: 'GET', pattern: /^\/call\/$/, kind: 'list' },
  { method: 'GET', pattern: /^\/call\/[^/]+$/, kind: 'detail' },
  { method: 'GET', pattern: /^\/call\/[^/]+\/message$/, kind: 'messages' },
  { method: 'GET', pattern: /^\/(phone|agent)\/$/, kind: 'agents' },
  { method: 'GET', pattern: /^\/phone\/[^/]+$/, kind: 'agents' },
  { method: 'POST', pattern: /^\/call(\/|\/bulk-delete)$/, kind: 'create' },
];

/** What a request is for. Whoever tries to change something is counted so, even when the slash is wrong. */
export function kindOfPath(method: string, path: string): RequestKind {
  const sentOn = method === 'POST' && redirection(method, path) !== null;
  return knownKind(method, path) ?? (sentOn ? 'create' : 'other');
}

/** Where a path that differs from a known one by its last slash is sent to; null = nowhere. */
export function redirection(method: string, path: string): string | null {
  const other = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
  return knownKind(method, path) === null && knownKind(method, other) !== null ? other : null;
}

function knownKind(method: string, path: string): RequestKind | null {
  return PATHS.find((known) => known.method === method && known.pattern.test(path))?.kind ?? null;
}
