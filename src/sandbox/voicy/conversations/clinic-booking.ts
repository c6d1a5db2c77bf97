import {
  agent,
  type Conversation,
  type Line,
  type Scenario,
  type Setting,
  user,
} from '../../conversation.ts';
import type { Dice } from '../../dice.ts';
import { israelDay, workday } from '../hebrew-calendar.ts';
import { consult } from './functions.ts';
import { firstName, formFor } from './people.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = 'שלום, הגעתם למרפאת תלתן. מדברת הנציגה הדיגיטלית של מוקד התורים. איך אפשר לעזור?';

const COMPLAINTS = [
  { doctor: 'אורתופד', complaint: 'כואבת לי הכתף כבר חודש' },
  { doctor: 'רופא עור', complaint: 'יש לי פריחה ביד שלא עוברת' },
  { doctor: 'רופא משפחה', complaint: 'השיעול שלי לא עובר כבר שבועיים' },
  { doctor: 'רופא עיניים', complaint: 'בזמן האחרון אני רואה קצת מטושטש' },
] as const;

/** The clinic's line: appointments are made, moved, given up and asked about. */
export const clinicBooking: Scenario = {
  name: 'clinic_booking',
  topic: 'זימון תור',
  greeting: GREETING,
  branches: [
    { weight: 5, tell: book },
    { weight: 3, tell: move },
    { weight: 2, tell: giveUp },
    { weight: 2, tell: askHours },
  ],
};

function book({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const { doctor, complaint } = dice.pick(COMPLAINTS);
  const form = formFor(customer);
  const day = workday(callAtMs, dice.int(1, 6));
  const [early, late] = ['14:00', dice.pick(['15:30', '16:10'])];
  const tail = phone.slice(-4);
  return {
    lines: [
      agent(GREETING),
      user(dice.pick(['היי, רציתי לקבוע תור.', 'שלום, אפשר לקבוע תור בבקשה?'])),
      agent('בשמחה. לאיזה רופא?'),
      user(`ל${doctor}. ${complaint}.`, { doctor, 'סיבת הפנייה': complaint }),
      agent('מבינה. מה השם המלא, בבקשה?'),
      user(`${customer}.`, { customer_name: customer }),
      agent(`תודה, ${firstName(customer)}. ומה ארבע הספרות האחרונות של מספר הטלפון?`),
      ...giveDigits(dice, tail),
      agent('תודה. יש יום שנוח במיוחד?'),
      user(`יש אולי משהו ב${day.weekday} אחרי הצהריים?`),
      agent(holdOn(dice)),
      ...consult(
        dice,
        'find_slots',
        { doctor, date: day.iso, part_of_day: 'afternoon' },
        { date: day.iso, slots: [early, late] },
      ),
      agent(`ב${day.spoken}, יש תור פנוי בשעה ${early} ובשעה ${late}. מה עדיף?`),
      user(`${late} מתאים לי.`, { appointment_date: day.iso, appointment_time: late }),
      ...consult(
        dice,
        'book_appointment',
        { patient: customer, phone_tail: tail, doctor, at: `${day.iso}T${late}` },
        { status: 'confirmed', appointment: `TL-${dice.code(6)}` },
      ),
      agent(
        `קבעתי תור ל${doctor} ל${day.spoken}, בשעה ${late}. נא להביא כרטיס קופת חולים ולהגיע עשר דקות לפני התור.`,
      ),
      ...parking(dice),
      ...goodbye(dice),
    ],
    summary: `${customer} ${form('ביקש', 'ביקשה')} תור ל${doctor}. נקבע תור ל-${day.monthDay} בשעה ${late}.`,
    sentiment: 'positive',
  };
}

function parking(dice: Dice): Line[] {
  if (!dice.chance(0.5)) return [];
  return [user('ויש חניה ליד המרפאה?'), agent('כן, יש חניון מתחת לבניין. השעה הראשונה חינם למטופלים.')];
}

function move({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const { doctor } = dice.pick(COMPLAINTS);
  const form = formFor(customer);
  const before = workday(callAtMs, dice.int(1, 2));
  const after = workday(callAtMs, dice.int(6, 10));
  const time = dice.pick(['09:20', '11:00', '16:40']);
  const appointment = `TL-${dice.code(6)}`;
  return {
    lines: [
      agent(GREETING),
      user(`שלום, יש לי תור ואני ${form('צריך', 'צריכה')} להזיז אותו.`),
      agent('אין בעיה. מה השם המלא וארבע הספרות האחרונות של הטלפון?'),
      ...giveDigits(dice, phone.slice(-4), `${customer}, `),
      agent(holdOn(dice)),
      ...consult(
        dice,
        'find_appointment',
        { patient: customer, phone_tail: phone.slice(-4) },
        { appointment, doctor, at: `${before.iso}T${time}` },
      ),
      agent(`אני רואה תור ל${doctor} ב${before.spoken}, בשעה ${time}. זה התור?`),
      user(`${yes(dice)} צץ לי משהו בעבודה באותו יום.`, { customer_name: customer, doctor }),
      agent('קורה. לאיזה יום להעביר?'),
      user(`${after.weekday} באותה שעה, אם אפשר.`),
      ...consult(
        dice,
        'change_appointment',
        { appointment, at: `${after.iso}T${time}` },
        { status: 'changed', appointment },
      ),
      agent(`אפשר. התור עבר ל${after.spoken}, בשעה ${time}.`),
      ...badLine(dice, `${after.spoken}, בשעה ${time}.`),
      user('מצוין.', { appointment_date: after.iso, appointment_time: time }),
      agent('אשלח גם הודעה עם כל הפרטים.'),
      ...goodbye(dice),
    ],
    summary: `${customer} ${form('ביקש', 'ביקשה')} להזיז תור ל${doctor} בגלל העבודה. התור עבר מ-${before.monthDay} ל-${after.monthDay} בשעה ${time}.`,
    sentiment: 'neutral',
  };
}

function giveUp({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const { doctor } = dice.pick(COMPLAINTS);
  const form = formFor(customer);
  const day = workday(callAtMs, dice.int(1, 4));
  const appointment = `TL-${dice.code(6)}`;
  return {
    lines: [
      agent(GREETING),
      user('היי, אני רוצה לבטל תור.'),
      agent('בסדר. מה השם המלא וארבע הספרות האחרונות של הטלפון?'),
      ...giveDigits(dice, phone.slice(-4), `${customer}, `),
      ...consult(
        dice,
        'find_appointment',
        { patient: customer, phone_tail: phone.slice(-4) },
        { appointment, doctor, at: `${day.iso}T10:00` },
      ),
      agent(`מצאתי תור ל${doctor} ב${day.spoken}. לבטל אותו?`),
      user(`${yes(dice)} כבר עבר לי.`, { customer_name: customer, doctor }),
      ...consult(dice, 'cancel_appointment', { appointment }, { status: 'canceled' }),
      agent('התור בוטל ואין חיוב. לקבוע תור אחר במקומו?'),
      user('לא צריך, תודה.', { appointment_date: null }),
      agent('תודה ויום טוב!'),
    ],
    summary: `${customer} ${form('ביטל', 'ביטלה')} תור ל${doctor} שנקבע ל-${day.monthDay}. לא נקבע תור חדש.`,
    sentiment: 'neutral',
  };
}

function askHours({ dice, callAtMs }: Setting): Conversation {
  const day = israelDay(callAtMs, dice.int(1, 5));
  const answer =
    day.weekday === 'שבת'
      ? 'בשבת המרפאה סגורה'
      : day.isWeekend
        ? 'בימי שישי אנחנו פתוחים משמונה בבוקר עד שתים-עשרה וחצי'
        : 'באמצע השבוע אנחנו פתוחים משמונה בבוקר עד שבע בערב';
  return {
    lines: [
      agent(GREETING),
      user(`שאלה קטנה, אתם פתוחים ב${day.spoken}?`),
      agent(`${answer}.`),
      user('ואפשר להגיע בלי תור?'),
      agent('אפשר, אבל ההמתנה עלולה להיות ארוכה ולכן עדיף לקבוע מראש. לקבוע תור עכשיו?'),
      user('לא, אני אבדוק ביומן ואתקשר שוב.'),
      agent('בסדר גמור, אנחנו כאן. יום טוב!'),
    ],
    summary: `התקבלה שאלה על שעות הפתיחה ב-${day.monthDay} ועל הגעה בלי תור. לא נקבע תור.`,
    sentiment: 'neutral',
  };
}
