import { agent, type Conversation, type Scenario, type Setting, user } from '../../conversation.ts';
import { israelDay } from '../hebrew-calendar.ts';
import { consult } from './functions.ts';
import { firstName, formFor } from './people.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = 'שלום, הגעתם למוקד התביעות של מגן הצפון ביטוח. אני הנציגה הדיגיטלית, איך אפשר לעזור?';

/** The insurer's line: a claim is opened or asked about. */
export const insuranceClaim: Scenario = {
  name: 'insurance_claim',
  topic: 'תביעת ביטוח',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: carAccident },
    { weight: 3, tell: askState },
    { weight: 2, tell: waterLeak },
  ],
};

function carAccident({ dice, callAtMs, customer }: Setting): Conversation {
  const form = formFor(customer);
  const place = dice.pick(['בצומת ליד הקניון', 'בחניון של העבודה', 'בכביש החוף']);
  const plate = `${dice.digits(3)}-${dice.digits(2)}-${dice.digits(3)}`;
  const claim = `MT-${dice.digits(6)}`;
  return {
    lines: [
      agent(GREETING),
      user('שלום, נכנסו בי מאחור עם האוטו לפני חצי שעה.', { 'סוג האירוע': 'תאונת דרכים' }),
      agent('אני מצטערת לשמוע. קודם כול, כולם בסדר? יש נפגעים?'),
      user('לא, תודה לאל, רק הפח.', { injured: false }),
      agent('טוב לשמוע. איפה זה קרה?'),
      user(`${place}.`, { accident_place: place }),
      agent('מה מספר הרישוי של הרכב השני?'),
      user(`${dice.pick(['רגע... ', 'צילמתי, שנייה. '])}${plate}.`, { other_plate: plate }),
      agent('תודה. ומה השם המלא של בעל הפוליסה?'),
      user(`${customer}, זה על שמי.`, { policy_holder: customer }),
      ...consult(
        dice,
        'open_claim',
        { holder: customer, kind: 'car', date: israelDay(callAtMs).iso, other_plate: plate },
        { status: 'open', claim, deductible: 1_200 },
      ),
      agent(`פתחתי תביעה מספר ${claim}. ההשתתפות העצמית היא 1,200 שקלים. לשלוח גרר?`),
      user(dice.pick(['לא צריך, האוטו נוסע.', 'לא, אני אגיע לבד למוסך.']), { tow_needed: false }),
      agent('בסדר. נשלח קישור להעלאת תמונות ורשימת מוסכים בהסדר. שמאי יחזור תוך יום עסקים.'),
      ...badLine(dice, `מספר התביעה הוא ${claim}.`),
      ...goodbye(dice),
    ],
    summary: `${customer} ${form('דיווח', 'דיווחה')} על תאונה ${place} ללא נפגעים. נפתחה תביעה ${claim}; שמאי יחזור תוך יום עסקים.`,
    sentiment: 'neutral',
  };
}

function askState({ dice, callAtMs, customer }: Setting): Conversation {
  const digits = dice.digits(6);
  const amount = dice.int(12, 95) * 100;
  const paid = israelDay(callAtMs, 5);
  return {
    lines: [
      agent(GREETING),
      user('אני רוצה לדעת מה קורה עם התביעה שלי. כבר שבועיים לא חזרו אליי.'),
      agent('אבדוק מיד. מה שש הספרות של מספר התביעה?'),
      ...giveDigits(dice, digits),
      agent(holdOn(dice)),
      ...consult(
        dice,
        'find_claim',
        { claim: `MT-${digits}` },
        { state: 'approved', amount, currency: 'ILS', pays_on: paid.iso },
      ),
      agent(
        `יש חדשות טובות, התביעה אושרה. הסכום הוא ${amount.toLocaleString('en-US')} שקלים, והוא יועבר עד ${paid.monthDay}.`,
      ),
      user(dice.pick(['סוף סוף. ולמה אף אחד לא הודיע לי?', 'וואלה? אף אחד לא עדכן אותי.']), {
        claim_number: `MT-${digits}`,
        approved_amount: amount,
      }),
      agent('האישור ניתן רק אתמול, וההודעה הייתה אמורה לצאת היום. אני מתנצלת על ההמתנה.'),
      user(`${yes(dice)} העיקר שאושר.`, { policy_holder: customer }),
      agent(`תודה על הסבלנות, ${firstName(customer)}. אפשר לעזור בעוד משהו?`),
      user('לא, זה הכול. תודה.'),
    ],
    summary: `בירור על תביעה MT-${digits}: אושרה על סך ${amount.toLocaleString('en-US')} שקלים, והתשלום עד ${paid.monthDay}.`,
    sentiment: 'positive',
  };
}

function waterLeak({ dice, callAtMs, customer, phone }: Setting): Conversation {
  const room = dice.pick(['במטבח', 'בחדר האמבטיה', 'בתקרה של הסלון']);
  const claim = `DR-${dice.digits(6)}`;
  const visit = israelDay(callAtMs, 1);
  return {
    lines: [
      agent(GREETING),
      user(`יש לי נזילה ${room}, המים כבר מגיעים לפרקט!`, { 'סוג האירוע': 'נזקי מים' }),
      agent('אני מטפלת בזה מיד. ברז המים הראשי סגור?'),
      user('כן, סגרתי אותו עכשיו.', { main_valve_closed: true }),
      agent('מצוין. מה השם המלא וארבע הספרות האחרונות של הטלפון?'),
      ...giveDigits(dice, phone.slice(-4), `${customer}, `),
      ...consult(
        dice,
        'send_plumber',
        { holder: customer, phone, room },
        { claim, visit: visit.iso, from: '08:00', to: '11:00' },
      ),
      agent(`פתחתי תביעה ${claim}. שרברב יגיע מחר, בין שמונה לאחת-עשרה בבוקר.`),
      user('אין משהו היום? אנחנו בלי מים, ויש פה ילדים.', { policy_holder: customer, urgency: 5 }),
      agent('העברתי את הפנייה למוקד החירום. אם יתפנה שרברב קודם, יתקשרו תוך שעה.'),
      user('טוב, אני אחכה לטלפון.'),
      agent('נעשה הכול כדי להקדים. תודה על הסבלנות.'),
    ],
    summary: `${customer} ${formFor(customer)('דיווח', 'דיווחה')} על נזילה ${room}. נפתחה תביעה ${claim}, שרברב תואם ל-${visit.monthDay} ונבדקת אפשרות להקדים.`,
    sentiment: 'negative',
  };
}
