import { DAY, HOUR } from '../../clock.ts';

/** Israel's winter time. The sandbox knows no summer time: its days would only move by an hour. */
export const ISRAEL_OFFSET_MS = 2 * HOUR;

const WEEKDAYS = ['יום ראשון', 'יום שני', 'יום שלישי', 'יום רביעי', 'יום חמישי', 'יום שישי', 'שבת'] as const;
const MONTHS = [
  'ינואר',
  'פברואר',
  'מרץ',
  'אפריל',
  'מאי',
  'יוני',
  'יולי',
  'אוגוסט',
  'ספטמבר',
  'אוקטובר',
  'נובמבר',
  'דצמבר',
] as const;

/** A day in Israel, as written and as spoken. */
interface IsraelDay {
  /** `2026-11-24`. */
  iso: string;
  /** `24 בנובמבר`. */
  monthDay: string;
  /** `יום שלישי`. */
  weekday: string;
  /** `יום שלישי, 24 בנובמבר`. */
  spoken: string;
  isWeekend: boolean;
}

/** The day of an instant (unix ms) in Israel, moved by whole days. */
export function israelDay(unixMs: number, daysLater = 0): IsraelDay {
  const date = new Date(unixMs + ISRAEL_OFFSET_MS + daysLater * DAY);
  const weekday = WEEKDAYS[date.getUTCDay()] ?? '';
  const monthDay = `${date.getUTCDate()} ב${MONTHS[date.getUTCMonth()] ?? ''}`;
  return {
    iso: date.toISOString().slice(0, 10),
    monthDay,
    weekday,
    spoken: `${weekday}, ${monthDay}`,
    isWeekend: date.getUTCDay() >= 5,
  };
}

/** The first day at least `daysLater` days on that is neither Friday nor Saturday. */
export function workday(unixMs: number, daysLater: number): IsraelDay {
  let later = daysLater;
  let day = israelDay(unixMs, later);
  while (day.isWeekend) {
    later += 1;
    day = israelDay(unixMs, later);
  }
  return day;
}

/** The name of the month before that of an instant in Israel. */
export function lastMonth(unixMs: number): string {
  const date = new Date(unixMs + ISRAEL_OFFSET_MS);
  return MONTHS[(date.getUTCMonth() + 11) % 12] ?? '';
}
