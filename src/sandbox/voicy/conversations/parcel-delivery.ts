import { agent, type Conversation, type Scenario, type Setting, user } from '../../conversation.ts';
import { workday } from '../hebrew-calendar.ts';
import { consult } from './functions.ts';
import { formFor } from './people.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = 'שלום, הגעתם לשליחויות דרור. אני הנציגה הדיגיטלית, במה אפשר לעזור?';

/** The courier's line: where a parcel is, and what to do about it. */
export const parcelDelivery: Scenario = {
  name: 'parcel_delivery',
  topic: 'בירור משלוח',
  greeting: GREETING,
  branches: [
    { weight: 5, tell: askWhere },
    { weight: 3, tell: leaveElsewhere },
    { weight: 2, tell: reportDamage },
  ],
};

function askWhere({ dice, callAtMs, customer }: Setting): Conversation {
  const parcel = dice.digits(6);
  const day = workday(callAtMs, 1);
  const hours = dice.pick(['בין שתיים לארבע', 'בין ארבע לשש', 'עד שמונה בערב']);
  return {
    lines: [
      agent(GREETING),
      user(
        dice
          .pick(['היי, אני מחכה לחבילה ולא יודע מה קורה איתה.', 'שלום, איפה החבילה שלי?'])
          .replace('ולא יודע', formFor(customer)('ולא יודע', 'ולא יודעת')),
      ),
      agent('נבדוק יחד. מה שש הספרות האחרונות של מספר המשלוח?'),
      ...giveDigits(dice, parcel),
      agent(holdOn(dice)),
      ...consult(
        dice,
        'find_parcel',
        { parcel },
        { parcel, state: 'at_depot', date: day.iso, stops_before: dice.int(3, 28) },
      ),
      agent(`החבילה כבר במרכז החלוקה, והיא צפויה להגיע ב${day.weekday} ${hours}.`),
      ...badLine(dice, `החבילה צפויה להגיע ב${day.weekday} ${hours}.`),
      user('אז שיתקשר לפני שהוא מגיע, בסדר? האינטרקום מקולקל.', {
        parcel_number: parcel,
        'הערה לשליח': 'להתקשר לפני ההגעה, האינטרקום מקולקל',
      }),
      ...consult(dice, 'add_courier_note', { parcel, note: 'להתקשר לפני ההגעה' }, { status: 'saved' }),
      agent('הוספתי הערה לשליח שיתקשר לפני ההגעה.'),
      ...goodbye(dice),
    ],
    summary: `בירור על משלוח ${parcel}: החבילה במרכז החלוקה וצפויה ב-${day.monthDay} ${hours}. נרשמה בקשה להתקשר לפני ההגעה.`,
    sentiment: 'neutral',
  };
}

function leaveElsewhere({ dice, callAtMs, customer }: Setting): Conversation {
  const parcel = dice.digits(6);
  const form = formFor(customer);
  const day = workday(callAtMs, 1);
  const shop = dice.pick(['מכולת השיטה', 'פרחי הנחל', 'נייר ועיפרון']);
  return {
    lines: [
      agent(GREETING),
      user(`קיבלתי הודעה שהחבילה מגיעה ב${day.weekday}, אבל אני לא ${form('נמצא', 'נמצאת')} בבית.`),
      agent('אפשר להעביר לנקודת איסוף. מה שש הספרות האחרונות של מספר המשלוח?'),
      ...giveDigits(dice, parcel),
      agent('תודה. ומה השם שעל החבילה?'),
      user(`${customer}.`),
      ...consult(dice, 'find_pickup_points', { parcel }, { points: [{ name: shop, open_until: '20:00' }] }),
      agent(`הנקודה הקרובה היא ${shop}, והיא פתוחה עד שמונה בערב. להעביר לשם?`),
      user(`${yes(dice)} זה ממש מתחת לבית.`, { parcel_number: parcel, pickup_point: shop }),
      ...consult(
        dice,
        'change_destination',
        { parcel, point: shop },
        { status: 'changed', pin: dice.digits(4) },
      ),
      agent('העברתי. קוד האיסוף יישלח בהודעה כשהחבילה תגיע, והיא תישמר שם שבעה ימים.'),
      user('ומישהו אחר יכול לאסוף במקומי?', { stored_days: 7 }),
      agent('כן, מספיק להציג את הקוד.'),
      ...goodbye(dice),
    ],
    summary: `משלוח ${parcel} הועבר לנקודת האיסוף ${shop} כי ${customer} לא ${form('יהיה', 'תהיה')} בבית. החבילה תישמר שבעה ימים.`,
    sentiment: 'positive',
  };
}

function reportDamage({ dice, customer }: Setting): Conversation {
  const parcel = dice.digits(6);
  const item = dice.pick(['סט כוסות', 'מנורת שולחן', 'קומקום חשמלי']);
  const ticket = `DR${dice.digits(5)}`;
  return {
    lines: [
      agent(GREETING),
      user(`תקשיבי, קיבלתי עכשיו חבילה והכול שבור בפנים! זה ${item}.`),
      agent('אני מצטערת לשמוע. נפתח תלונה ונטפל בזה. מה השם, ומה שש הספרות האחרונות של מספר המשלוח?'),
      ...giveDigits(dice, parcel, `${customer}, `),
      agent('תודה. האריזה מבחוץ הגיעה פגומה או שלמה?'),
      user(dice.pick(['מעוכה לגמרי מצד אחד.', 'דווקא שלמה, אבל בפנים הכול רסיסים.']), {
        parcel_number: parcel,
        damaged_item: item,
      }),
      ...consult(dice, 'open_claim', { parcel, item, kind: 'damage' }, { status: 'open', ticket }),
      agent(`פתחתי תלונה מספר ${ticket}. נשלח קישור להעלאת תמונות, ותשובה תגיע תוך שלושה ימי עסקים.`),
      user('אני מקווה. זאת כבר הפעם השנייה.', { earlier_complaints: 1 }),
      agent('אני מבינה את התסכול. ציינתי בתלונה שזו הפעם השנייה.'),
      user('טוב, תודה.'),
    ],
    summary: `${customer} ${formFor(customer)('דיווח', 'דיווחה')} על ${item} שהגיע שבור במשלוח ${parcel}. נפתחה תלונה ${ticket}.`,
    sentiment: 'negative',
  };
}
