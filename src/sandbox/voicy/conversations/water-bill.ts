import {
  agent,
  type Conversation,
  type Line,
  type Scenario,
  type Setting,
  user,
} from '../../conversation.ts';
import { israelDay, lastMonth, workday } from '../hebrew-calendar.ts';
import { consult } from './functions.ts';
import { formFor } from './people.ts';
import { badLine, shekels } from './phrases.ts';

const GREETING = 'שלום, מדברת הנציגה הדיגיטלית של תאגיד המים מעיינות הגבעה.';

/** Calls made to remind of a bill that is late. */
export const waterBill: Scenario = {
  name: 'water_bill',
  topic: 'חוב על חשבון מים',
  greeting: GREETING,
  branches: [
    { weight: 4, tell: willPay },
    { weight: 2, tell: paidAlready },
    { weight: 2, tell: inInstalments },
    { weight: 1, tell: wrongPerson },
  ],
};

function open({ dice, customer }: Setting): Line[] {
  return [
    agent(`${GREETING} אפשר לדבר עם ${customer}?`),
    user(dice.pick([`${formFor(customer)('מדבר', 'מדברת')}. במה העניין?`, 'כן, זה אני.', 'כן. מי זה?'])),
  ];
}

function willPay(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const amount = dice.int(90, 780);
  const due = workday(callAtMs, dice.int(3, 6));
  return {
    lines: [
      ...open(setting),
      agent(`נשאר חוב של ${shekels(amount)} על חשבון המים של ${lastMonth(callAtMs)}. אפשר להסדיר אותו היום?`),
      ...badLine(dice, `החוב הוא ${shekels(amount)}.`),
      user(dice.pick(['אה, שכחתי מזה לגמרי.', 'לא קיבלתי שום חשבון בדואר.']), { debt: amount }),
      agent('אין בעיה, אפשר לשלוח עכשיו קישור לתשלום בהודעה. לשלוח?'),
      user('כן, תשלחי. אני אשלם עוד היום.', { promised: true }),
      ...consult(
        dice,
        'send_payment_link',
        { debtor: customer, amount },
        { status: 'sent', valid_until: due.iso },
      ),
      agent(`הקישור נשלח, והוא בתוקף עד ${due.monthDay}.`),
      user('ואפשר לקבל את החשבון במייל במקום בדואר?', { 'חשבון במייל': true }),
      agent('כן, באותו קישור אפשר לסמן חשבון דיגיטלי.'),
      user('יופי, תודה.'),
      agent('תודה ויום טוב.'),
    ],
    summary: `${customer} ${formFor(customer)('הבטיח', 'הבטיחה')} לשלם היום חוב של ${shekels(amount)}. נשלח קישור לתשלום בתוקף עד ${due.monthDay}.`,
    sentiment: 'positive',
  };
}

function paidAlready(setting: Setting): Conversation {
  const { dice, callAtMs, customer } = setting;
  const amount = dice.int(90, 780);
  const paid = israelDay(callAtMs, -2);
  const form = formFor(customer);
  return {
    lines: [
      ...open(setting),
      agent(`לפי הרישום שלנו, החשבון של ${lastMonth(callAtMs)} על סך ${shekels(amount)} עדיין לא שולם.`),
      user(`מה פתאום? שילמתי ב${paid.weekday} באפליקציה של הבנק.`, { debt: amount }),
      agent('אני בודקת מול הבנק, רק רגע.'),
      ...consult(dice, 'find_payment', { debtor: customer, amount }, { paid: true, paid_on: paid.iso }),
      agent(`הנה, מצאתי. התשלום התקבל ב-${paid.monthDay} ועוד לא עודכן אצלנו. אני מתנצלת על הטרחה.`),
      user(dice.pick(['אז אין לי מה לשלם?', 'אז תורידו אותי מהרשימה, בבקשה.']), { already_paid: true }),
      agent('אין שום חוב, ולא נתקשר שוב בעניין הזה.'),
      user('בסדר, תודה.'),
    ],
    summary: `${customer} ${form('מסר', 'מסרה')} שהחשבון כבר שולם. התשלום אותר (${paid.monthDay}) והחוב נסגר.`,
    sentiment: 'neutral',
  };
}

function inInstalments(setting: Setting): Conversation {
  const { dice, customer } = setting;
  const payments = dice.pick([3, 4, 6]);
  const part = dice.int(110, 260);
  const form = formFor(customer);
  return {
    lines: [
      ...open(setting),
      agent(`הצטבר חוב של ${shekels(part * payments)} על חשבונות המים. אפשר להסדיר אותו השבוע?`),
      user(`האמת שקשה לי עכשיו. אני לא ${form('עובד', 'עובדת')} כבר חודשיים.`, { debt: part * payments }),
      agent('אני מבינה. אפשר לפרוס את החוב לתשלומים, בלי ריבית. זה יעזור?'),
      user('כן. לכמה תשלומים?'),
      agent(`ל-${payments} תשלומים של ${shekels(part)} בחודש. לאשר את ההסדר?`),
      user(dice.pick(['כן, בזה אני אעמוד.', 'כן, תאשרי בבקשה.']), { payments, monthly: part }),
      ...consult(
        dice,
        'create_plan',
        { debtor: customer, payments, monthly: part },
        { status: 'approved', plan: `HS-${dice.digits(5)}` },
      ),
      agent('ההסדר אושר. כל עוד הוא משולם, אספקת המים לא תופסק.'),
      user('תודה, הורדת לי אבן מהלב.'),
      agent('בהצלחה, ושיהיו ימים טובים יותר.'),
    ],
    summary: `${customer} ${form('התקשה', 'התקשתה')} לשלם את החוב. אושר הסדר של ${payments} תשלומים, ${shekels(part)} בחודש, בלי ריבית.`,
    sentiment: 'positive',
  };
}

function wrongPerson({ dice, customer, phone }: Setting): Conversation {
  return {
    lines: [
      agent(`${GREETING} אפשר לדבר עם ${customer}?`),
      user(dice.pick(['טעות במספר.', 'אין פה אף אחד בשם הזה.'])),
      agent('סליחה על ההפרעה. המספר הזה אצלך זמן רב?'),
      user('איזה חצי שנה. כל הזמן מחפשים את הבן אדם הזה.', { wrong_number: true }),
      ...consult(dice, 'report_wrong_number', { phone_tail: phone.slice(-4) }, { status: 'removed' }),
      agent('הסרתי את המספר מהרשימה, ולא נתקשר יותר.'),
      user('תודה.'),
    ],
    summary: 'מי שענה אינו הלקוח, והמספר אצלו כחצי שנה. המספר הוסר מהרשימה ולא נמסר מידע על החוב.',
    sentiment: 'neutral',
  };
}
