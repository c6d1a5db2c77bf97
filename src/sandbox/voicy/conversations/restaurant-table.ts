import { agent, type Conversation, type Scenario, type Setting, user } from '../../conversation.ts';
import { israelDay } from '../hebrew-calendar.ts';
import { consult } from './functions.ts';
import { firstName, formFor } from './people.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = 'מסעדת הזית והגפן, שלום! מדברת המארחת הדיגיטלית. איך אפשר לעזור?';

const PARTIES = [
  { size: 2, spoken: 'זוג' },
  { size: 4, spoken: 'ארבעה' },
  { size: 5, spoken: 'חמישה' },
  { size: 8, spoken: 'שמונה' },
] as const;

/** The restaurant's line: tables are asked for, found elsewhere in the evening, and given up. */
export const restaurantTable: Scenario = {
  name: 'restaurant_table',
  topic: 'הזמנת שולחן',
  greeting: GREETING,
  branches: [
    { weight: 5, tell: reserve },
    { weight: 3, tell: otherHour },
    { weight: 2, tell: planEvent },
    { weight: 1, tell: giveUp },
  ],
};

function reserve({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const { size, spoken } = dice.pick(PARTIES);
  const day = israelDay(callAtMs, dice.int(1, 6));
  const time = dice.pick(['19:00', '20:30', '21:00']);
  const outside = dice.chance(0.5);
  return {
    lines: [
      agent(GREETING),
      user(`היי, אפשר להזמין שולחן ל${spoken} ל${day.weekday} בערב?`, { guests: size }),
      agent('בשמחה. לאיזו שעה?'),
      user(`${time}, אם יש.`),
      agent(holdOn(dice)),
      ...consult(
        dice,
        'find_table',
        { guests: size, at: `${day.iso}T${time}` },
        { free: true, areas: ['פנים', 'חוץ'] },
      ),
      agent('יש מקום. בפנים או בחוץ?'),
      user(outside ? 'בחוץ, בבקשה.' : 'עדיף בפנים.', { 'אזור ישיבה': outside ? 'חוץ' : 'פנים' }),
      agent('על איזה שם לרשום?'),
      user(`${customer}.`, { 'שם המזמין': customer }),
      ...consult(
        dice,
        'book_table',
        { name: customer, phone, guests: size, at: `${day.iso}T${time}` },
        { status: 'booked', code: dice.code(5) },
      ),
      agent(
        `נהדר, ${firstName(customer)}. שולחן ל${spoken} ב${day.spoken}, בשעה ${time}. השולחן נשמר רבע שעה.`,
      ),
      ...badLine(dice, `${day.spoken}, בשעה ${time}.`),
      user('יש לכם גם מנות בלי גלוטן?', { allergies: 'גלוטן' }),
      agent('כן, יש תפריט נפרד ללא גלוטן. ציינתי את זה בהזמנה.'),
      ...goodbye(dice),
    ],
    summary: `הוזמן שולחן ל${spoken} על שם ${customer} ל-${day.monthDay} בשעה ${time}, ${outside ? 'בחוץ' : 'בפנים'}. צוינה רגישות לגלוטן.`,
    sentiment: 'positive',
  };
}

function otherHour({ dice, callAtMs, customer }: Setting): Conversation {
  const { size, spoken } = dice.pick(PARTIES);
  const day = israelDay(callAtMs, dice.int(1, 3));
  return {
    lines: [
      agent(GREETING),
      user(`שלום, רציתי שולחן ל${spoken} ל${day.weekday}, בשעה 20:00.`, { guests: size }),
      agent(holdOn(dice)),
      ...consult(
        dice,
        'find_table',
        { guests: size, at: `${day.iso}T20:00` },
        { free: false, next: '21:45' },
      ),
      agent('לצערי בשעה 20:00 הכול תפוס. יש שולחן פנוי בשעה 21:45, או על הבר בשעה 20:15. מה עדיף?'),
      user(dice.pick(['זה קצת מאוחר... טוב, נלך על 21:45.', 'יאללה, 21:45 זה בסדר.'])),
      agent('מצוין. על איזה שם?'),
      user(`${customer}, תודה.`, { 'שם המזמין': customer }),
      ...consult(
        dice,
        'book_table',
        { name: customer, guests: size, at: `${day.iso}T21:45` },
        { status: 'booked', code: dice.code(5) },
      ),
      agent(`הוזמן ל${day.spoken}, בשעה 21:45. אם יתפנה שולחן מוקדם יותר, נשלח הודעה.`),
      user('מעולה, אשמח. תודה רבה!', { waiting_list: true }),
      agent('בשמחה, ונתראה בקרוב.'),
    ],
    summary: `השעה 20:00 ב-${day.monthDay} הייתה תפוסה, ו${customer} ${formFor(customer)('הסכים', 'הסכימה')} לשעה 21:45. נרשמה בקשה להתעדכן אם יתפנה שולחן.`,
    sentiment: 'neutral',
  };
}

function planEvent({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const guests = dice.int(18, 40);
  const form = formFor(customer);
  const day = israelDay(callAtMs, dice.int(20, 40));
  return {
    lines: [
      agent(GREETING),
      user(`שלום, אני ${form('מתכנן', 'מתכננת')} יום הולדת ל-${guests} איש. אתם סוגרים את המקום לאירועים?`, {
        guests,
      }),
      agent('כן, יש לנו חדר אירועים עד ארבעים איש. באיזה תאריך מדובר?'),
      user(`${day.monthDay}, בערב.`, { event_date: day.iso }),
      ...consult(dice, 'find_event_room', { guests, date: day.iso }, { free: true, price_per_guest: 190 }),
      agent('החדר פנוי. תפריט אירועים מתחיל ב-190 שקלים לאדם, ומנהלת האירועים תחזור עם הצעת מחיר מסודרת.'),
      user(`סבבה, שתתקשר אליי. השם ${customer}.`, { 'שם המזמין': customer, price_per_guest: 190 }),
      agent('ומה ארבע הספרות האחרונות של הטלפון, לאימות?'),
      ...giveDigits(dice, phone.slice(-4)),
      ...consult(dice, 'request_callback', { name: customer, phone, topic: 'event' }, { status: 'queued' }),
      agent('תודה, נחזור אליך עד מחר בצהריים.'),
      ...goodbye(dice),
    ],
    summary: `${customer} ${form('ביקש', 'ביקשה')} הצעת מחיר ליום הולדת ל-${guests} איש ב-${day.monthDay}. החדר פנוי ומנהלת האירועים תחזור עד מחר.`,
    sentiment: 'positive',
  };
}

function giveUp({ dice, callAtMs, customer }: Setting): Conversation {
  const day = israelDay(callAtMs, 1);
  return {
    lines: [
      agent(GREETING),
      user('היי, הזמנתי שולחן למחר ואני רוצה לבטל.'),
      agent('בסדר. על איזה שם ההזמנה?'),
      user(`${customer}.`, { 'שם המזמין': customer }),
      ...consult(
        dice,
        'find_booking',
        { name: customer, date: day.iso },
        { guests: 4, at: `${day.iso}T20:30` },
      ),
      agent(`יש הזמנה לארבעה ב${day.spoken}, בשעה 20:30. לבטל?`),
      user(`${yes(dice)} הילד חולה.`, { guests: 4 }),
      ...consult(dice, 'cancel_booking', { name: customer, date: day.iso }, { status: 'canceled' }),
      agent('ההזמנה בוטלה. רפואה שלמה!'),
      user('תודה, ביי.'),
    ],
    summary: `${customer} ${formFor(customer)('ביטל', 'ביטלה')} הזמנה לארבעה ל-${day.monthDay} בגלל מחלה במשפחה.`,
    sentiment: 'neutral',
  };
}
