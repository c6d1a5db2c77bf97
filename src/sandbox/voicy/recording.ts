import { HOUR, SECOND } from '../../clock.ts';
import { hash32 } from '../dice.ts';

/** Signs addresses of recordings for an hour: no two answers show the same one. */
export function recordingSigner(now: () => number): (url: string) => string {
  let signed = 0;
  return (url) => {
    signed += 1;
    const nowMs = now();
    const token = hash32(url, nowMs, signed).toString(16).padStart(8, '0');
    return `${url}?token=${token}${signed}&expires=${Math.floor((nowMs + HOUR) / SECOND)}`;
  };
}
