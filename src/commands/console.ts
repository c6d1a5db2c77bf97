import { MultiBar, Presets, type SingleBar } from 'cli-progress';
import { formatDuration } from '../config/duration.ts';
import { redactText } from '../secrets.ts';

/** Where a command writes: results on stdout, everything else on stderr. */
export interface Console {
  readonly json: boolean;
  /** The result: as JSON with `--json`, else as text. */
  result(value: unknown, text: string): void;
  /** For a person, on stderr. */
  note(text: string): void;
  /** A bar on a terminal, a plain line now and then elsewhere, nothing with `--json`. */
  progress(label: string, unit?: string): ProgressDisplay;
}

interface ProgressDisplay {
  update(done: number, total: number | null): void;
  stop(): void;
}

const PLAIN_LINE_EVERY_MS = 5_000;

export function createConsole(options: {
  json: boolean;
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
  now: () => number;
}): Console {
  const { json, stdout, stderr, now } = options;
  const note = (text: string) => {
    stderr.write(`${redactText(text)}\n`);
  };
  return {
    json,
    note,
    result(value, text) {
      stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`);
    },
    progress(label, unit = 'calls') {
      if (json) return { update: () => undefined, stop: () => undefined };
      return stderr.isTTY ? barProgress(label, unit, stderr) : plainProgress(label, unit, note, now);
    },
  };
}

function barProgress(label: string, unit: string, stream: NodeJS.WriteStream): ProgressDisplay {
  const bars = new MultiBar(
    {
      format: `${label} {bar} {percentage}% {value}/{total} ${unit}, {eta_formatted} left`,
      stream,
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  let bar: SingleBar | null = null;
  return {
    update(done, total) {
      bar ??= bars.create(total ?? done, 0);
      bar.setTotal(Math.max(done, total ?? done));
      bar.update(done);
    },
    stop: () => bars.stop(),
  };
}

function plainProgress(
  label: string,
  unit: string,
  note: (text: string) => void,
  now: () => number,
): ProgressDisplay {
  const startedAt = now();
  let lastAt = startedAt;
  return {
    update(done, total) {
      if (now() - lastAt < PLAIN_LINE_EVERY_MS) return;
      lastAt = now();
      const left = total === null || done === 0 ? null : ((now() - startedAt) * (total - done)) / done;
      const eta = left === null ? '' : `, about ${formatDuration(left)} left`;
      note(`${label}: ${done}${total === null ? '' : ` of ${total}`} ${unit}${eta}`);
    },
    stop: () => undefined,
  };
}

/** Columns aligned for reading; numbers to the right. */
export function table(rows: readonly (readonly (string | number | null)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))));
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? '')))) ?? [];
  const numeric = (row: number, column: number) => typeof rows[row]?.[column] === 'number';
  return cells
    .map((row, i) =>
      row
        .map((cell, column) => {
          const pad = ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell)));
          return numeric(i, column) || (i === 0 && numeric(1, column)) ? pad + cell : cell + pad;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]|\p{Emoji_Presentation}/u;

/** Columns that a text takes on a terminal: Korean letters and emoji take two. */
function width(text: string): number {
  let columns = 0;
  for (const letter of text) columns += WIDE.test(letter) ? 2 : 1;
  return columns;
}
