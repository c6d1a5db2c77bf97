import { HOUR } from '../../clock.ts';
import type { Dice } from '../dice.ts';
import { clockTime, seoulMonth, seoulTimestamp, workday } from '../seoul-calendar.ts';
import type { CallPlan } from './plan.ts';

/** Ten to twelve variables as customers really fill them: every case style, texts only, JSON inside a text. */
export function dynamicVariables(
  plan: CallPlan,
  dice: Dice,
  customer: string,
  phone: string,
): Record<string, string> {
  const visits = dice.int(0, 9);
  const appointment = workday(plan.birthMs, dice.int(1, 9));
  const items = [{ sku: `SKU-${dice.code(5)}`, qty: dice.int(1, 3) }];
  const variables: Record<string, string> = {
    customer_name: customer,
    customerPhone: phone,
    'crm-lead-id': `lead_${dice.code(8).toLowerCase()}`,
    current_time: seoulTimestamp(plan.birthMs),
    callPurpose: plan.scenario.topic,
    'branch-name': dice.pick(['본점', '새솔점', '너울점', '가람마루점']),
    appointment_at: `${appointment.iso} ${clockTime(dice.int(9, 17)).iso}`,
    visitCount: String(visits),
    is_vip: visits > 6 ? 'true' : 'false',
    order_payload: JSON.stringify({
      order_no: `${appointment.iso.replaceAll('-', '')}${dice.digits(6)}`,
      items,
    }),
  };
  if (dice.chance(0.5)) variables['preferred-language'] = 'ko-KR';
  if (dice.chance(0.5)) variables.lastContactAt = seoulTimestamp(plan.birthMs - dice.int(20, 900) * HOUR);
  return variables;
}

/** What the customer's own system attached to the call. Calls that came in often carry nothing. */
export function metadata(plan: CallPlan, dice: Dice): Record<string, unknown> {
  if (plan.direction !== 'outbound' && dice.chance(0.45)) return {};
  const base: Record<string, unknown> = {
    crm_lead_id: `lead_${dice.code(6).toLowerCase()}`,
    requestId: dice.uuid(),
    'source-system': dice.pick(['crm', 'erp', '예약 시스템']),
  };
  if (plan.direction === 'outbound') {
    base.campaign = {
      name: `${seoulMonth(plan.birthMs).month}월 ${dice.int(1, 3)}차 발신 🐳`,
      batchNo: dice.int(1, 40),
      tags: dice.pick([['VIP', '재방문'], ['신규'], []]),
    };
  }
  if (dice.chance(0.3))
    base.담당자 = { 팀: dice.pick(['상담1팀', '상담2팀']), ext: dice.int(100, 199), memo: null };
  return base;
}
