import { DAY, HOUR } from '../../clock.ts';

const WEEKDAYS = ['domingo', 'lunes', 'martes', 'miércoles', 'jueves', 'viernes', 'sábado'] as const;
const MONTHS = [
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
] as const;
const DIGITS = ['cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve'] as const;
const HOURS = [
  'las doce',
  'la una',
  'las dos',
  'las tres',
  'las cuatro',
  'las cinco',
  'las seis',
  'las siete',
  'las ocho',
  'las nueve',
  'las diez',
  'las once',
] as const;

/** A day, as written and as spoken. */
interface SpanishDay {
  /** `2026-11-24`. */
  iso: string;
  /** `martes 24 de noviembre`. */
  spoken: string;
}

/** The Spanish day of an instant (unix ms), moved by whole days. */
export function dayOf(unixMs: number, daysLater = 0): SpanishDay {
  const date = new Date(unixMs + HOUR + daysLater * DAY);
  const weekday = WEEKDAYS[date.getUTCDay()] ?? '';
  const month = MONTHS[date.getUTCMonth()] ?? '';
  return {
    iso: date.toISOString().slice(0, 10),
    spoken: `${weekday} ${date.getUTCDate()} de ${month}`,
  };
}

/** The first day at least `daysLater` days on that is neither Saturday nor Sunday. */
export function workday(unixMs: number, daysLater: number): SpanishDay {
  const weekday = new Date(unixMs + HOUR + daysLater * DAY).getUTCDay();
  const rest = weekday === 6 ? 2 : weekday === 0 ? 1 : 0;
  return dayOf(unixMs, daysLater + rest);
}

/** The month before that of an instant: `octubre`. */
export function lastMonth(unixMs: number): string {
  return MONTHS[(new Date(unixMs + HOUR).getUTCMonth() + 11) % 12] ?? '';
}

/** A time of day, as written and as spoken. */
interface ClockTime {
  /** `17:30`. */
  iso: string;
  /** `las cinco y media de la tarde`. */
  spoken: string;
}

/** A time of day from its 24-hour form. */
export function clockTime(hour: number, minute: 0 | 30 = 0): ClockTime {
  const part = hour < 12 ? 'de la mañana' : hour < 21 ? 'de la tarde' : 'de la noche';
  const half = minute === 30 ? ' y media' : '';
  return {
    iso: `${String(hour).padStart(2, '0')}:${minute === 30 ? '30' : '00'}`,
    spoken: `${HOURS[hour % 12] ?? ''}${half} ${hour === 12 ? 'del mediodía' : part}`,
  };
}

/** Digits one by one: `cuatro, cero, siete`. */
export function readOut(digits: string): string {
  return [...digits].map((digit) => DIGITS[Number(digit)] ?? digit).join(', ');
}

/** A number below ten in words: `cuatro`. */
export function inWords(number: number): string {
  return DIGITS[number] ?? String(number);
}

/** With a capital letter, as a sentence begins. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Cents as an amount: `47,30 euros`, `870 euros`. */
export function euros(cents: number): string {
  const amount = cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2).replace('.', ',');
  return `${amount} euros`;
}
