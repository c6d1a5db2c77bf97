import { DAY, HOUR } from '../clock.ts';

/** Seoul has had no daylight saving time since 1988. */
export const SEOUL_OFFSET_MS = 9 * HOUR;
const WEEKDAYS = ['일', '월', '화', '수', '목', '금', '토'] as const;

/** A day in Seoul, as written and as spoken. */
interface SeoulDay {
  /** `2026-11-24`. */
  iso: string;
  /** `11월 24일`. */
  monthDay: string;
  /** `화요일`. */
  weekday: string;
  /** `11월 24일 화요일`. */
  spoken: string;
  isSunday: boolean;
  isSaturday: boolean;
}

/** The Seoul day of an instant (unix ms), moved by whole days. */
export function seoulDay(unixMs: number, daysLater = 0): SeoulDay {
  const date = new Date(unixMs + SEOUL_OFFSET_MS + daysLater * DAY);
  const weekday = `${WEEKDAYS[date.getUTCDay()] ?? ''}요일`;
  const monthDay = `${date.getUTCMonth() + 1}월 ${date.getUTCDate()}일`;
  return {
    iso: date.toISOString().slice(0, 10),
    monthDay,
    weekday,
    spoken: `${monthDay} ${weekday}`,
    isSunday: date.getUTCDay() === 0,
    isSaturday: date.getUTCDay() === 6,
  };
}

/** The first day at least `daysLater` days on that is neither Saturday nor Sunday. */
export function workday(unixMs: number, daysLater: number): SeoulDay {
  let later = daysLater;
  let day = seoulDay(unixMs, later);
  while (day.isSaturday || day.isSunday) {
    later += 1;
    day = seoulDay(unixMs, later);
  }
  return day;
}

/** The hour of an instant in Seoul, 0 to 23. */
export function seoulHour(unixMs: number): number {
  return new Date(unixMs + SEOUL_OFFSET_MS).getUTCHours();
}

/** The month of an instant in Seoul (1 to 12), moved by whole months, with its year. */
export function seoulMonth(unixMs: number, monthsLater = 0): { year: number; month: number } {
  const date = new Date(unixMs + SEOUL_OFFSET_MS);
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + monthsLater;
  return { year: Math.floor(months / 12), month: (months % 12) + 1 };
}

/** A time of day, as written and as spoken. */
interface ClockTime {
  /** `15:30`. */
  iso: string;
  /** `오후 3시 30분`. */
  spoken: string;
}

/** A time of day from its 24-hour form. Noon is spoken `낮 12시`. */
export function clockTime(hour: number, minute: 0 | 30 = 0): ClockTime {
  const half = hour < 12 ? '오전' : hour === 12 ? '낮' : '오후';
  const spokenHour = hour > 12 ? hour - 12 : hour;
  return {
    iso: `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
    spoken: `${half} ${spokenHour}시${minute === 0 ? '' : ' 30분'}`,
  };
}

/** `2026-11-24 15:30:00` in Seoul. */
export function seoulTimestamp(unixMs: number): string {
  return new Date(unixMs + SEOUL_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ');
}
