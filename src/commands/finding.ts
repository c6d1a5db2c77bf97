/** What `check` found out about one thing. */
export interface Finding {
  what: string;
  ok: boolean;
  detail: string;
  /** What to do about it. */
  fix: string | null;
}

/** All is well, or not: then with what to do about it. */
export function finding(what: string, ok: boolean, detail: string, fix: string): Finding {
  return { what, ok, detail, fix: ok ? null : fix };
}

export function well(what: string, detail: string): Finding {
  return { what, ok: true, detail, fix: null };
}
