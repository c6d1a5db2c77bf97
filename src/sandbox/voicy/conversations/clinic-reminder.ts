import {
  agent,
  type Conversation,
  type Line,
  type Scenario,
  type Setting,
  user,
} from '../../conversation.ts';
import { workday } from '../hebrew-calendar.ts';
import { consult } from './functions.ts';
import { firstName, formFor } from './people.ts';
import { badLine } from './phrases.ts';

const GREETING = 'שלום, מדברת הנציגה הדיגיטלית של מרפאת תלתן.';
const TIME = '10:20';

/** Calls that remind of an appointment of the next days. */
export const clinicReminder: Scenario = {
  name: 'clinic_reminder',
  topic: 'תזכורת לתור',
  greeting: GREETING,
  branches: [
    { weight: 5, tell: willCome },
    { weight: 2, tell: cannotCome },
    { weight: 1, tell: busyNow },
  ],
};

function open({ dice, customer, callAtMs }: Setting): Line[] {
  const day = workday(callAtMs, 2);
  return [
    agent(`${GREETING} אפשר לדבר עם ${customer}?`),
    user(dice.pick([`כן, ${formFor(customer)('מדבר', 'מדברת')}.`, 'כן, מי זה?', 'כן, אני על הקו.'])),
    agent(`יש לך תור לבדיקה ב${day.spoken}, בשעה ${TIME}. אפשר לאשר הגעה?`),
  ];
}

function willCome(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const day = workday(callAtMs, 2);
  return {
    lines: [
      ...open(setting),
      ...badLine(dice, `התור הוא ב${day.spoken}, בשעה ${TIME}.`),
      user(dice.pick(['כן, בטח, אני אגיע.', 'כן, זה רשום לי ביומן.']), { confirmed: true, attempts: 1 }),
      ...consult(dice, 'confirm_appointment', { patient: customer, date: day.iso }, { status: 'confirmed' }),
      agent('תודה, ההגעה אושרה. חשוב להגיע בצום של שמונה שעות. מים מותר לשתות.'),
      user('גם קפה אסור?'),
      agent('כן, גם קפה עדיף להשאיר לאחרי הבדיקה.'),
      user('הבנתי, תודה.'),
      agent('בריאות טובה ולהתראות.'),
    ],
    summary: `${customer} ${formFor(customer)('אישר', 'אישרה')} הגעה לבדיקה ב-${day.monthDay} בשעה ${TIME}. נמסרה הנחיה להגיע בצום.`,
    sentiment: 'positive',
  };
}

function cannotCome(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const form = formFor(customer);
  const day = workday(callAtMs, 2);
  const other = workday(callAtMs, dice.int(7, 12));
  return {
    lines: [
      ...open(setting),
      user(`אוי, שכחתי לגמרי, ואני לא ${form('יכול', 'יכולה')} להגיע.`, {
        confirmed: false,
      }),
      agent(`אין בעיה, ${firstName(customer)}. אני מחפשת מועד אחר.`),
      ...consult(dice, 'find_slots', { from: other.iso }, { slots: [`${other.iso}T08:40`] }),
      agent(`התור הפנוי הקרוב הוא ב${other.spoken}, בשעה 08:40. מתאים?`),
      user(dice.pick(['כן, מתאים.', 'קצת מוקדם, אבל בסדר.']), { new_date: other.iso }),
      ...consult(
        dice,
        'change_appointment',
        { patient: customer, at: `${other.iso}T08:40` },
        { status: 'changed' },
      ),
      agent('העברתי את התור. תישלח הודעה עם הפרטים.'),
      user('תודה רבה.'),
    ],
    summary: `${customer} לא ${form('יכול', 'יכולה')} להגיע ב-${day.monthDay}. התור נקבע מחדש ל-${other.monthDay} בשעה 08:40.`,
    sentiment: 'neutral',
  };
}

function busyNow(setting: Setting): Conversation {
  const { customer, dice } = setting;
  const form = formFor(customer);
  return {
    lines: [
      ...open(setting),
      user(`תשמעי, אני ${form('נוהג', 'נוהגת')} עכשיו. אפשר לדבר אחר כך?`, { confirmed: null }),
      agent('בוודאי. מתי נוח שנתקשר?'),
      user(dice.pick(['אחרי חמש.', 'מחר בבוקר.']), { callback_wanted: true }),
      agent('רשמתי, נחזור אז. נסיעה בטוחה!'),
    ],
    summary: `${customer} ${form('היה', 'הייתה')} בנהיגה ו${form('ביקש', 'ביקשה')} שיחה חוזרת. ההגעה לתור לא אושרה.`,
    sentiment: 'neutral',
  };
}
