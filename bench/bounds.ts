import { readFileSync } from 'node:fs';
import type { Figure } from './kernel.ts';

/** What a figure has to be, and what it should come to. Ratios only: they hold on other machines. */
interface Bound {
  min?: number;
  max?: number;
  target?: string;
}

const BOUNDS = JSON.parse(readFileSync(new URL('bounds.json', import.meta.url), 'utf8')) as Record<
  string,
  Bound
>;

/** A line for each figure that is out of its bounds. */
export function breaches(figures: readonly Figure[]): string[] {
  return figures.flatMap(({ name, value, unit }) => {
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = BOUNDS[name] ?? {};
    if (value >= min && value <= max) return [];
    return [`${name} is ${shown(value)} ${unit}, outside of ${rangeOf(BOUNDS[name])}`];
  });
}

export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, what, value, unit }) => [
    name,
    what,
    `${shown(value)} ${unit}`,
    rangeOf(BOUNDS[name]),
    BOUNDS[name]?.target ?? '',
  ]);
  const all = [['figure', 'what', 'result', 'bound', 'target'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd().concat('\n'),
    )
    .join('');
}

function rangeOf({ min, max }: Bound = {}): string {
  return [min === undefined ? [] : `≥ ${min}`, max === undefined ? [] : `≤ ${max}`].flat().join(' and ');
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
