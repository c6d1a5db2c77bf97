import { HOUR } from '../../../clock.ts';
import { agent, type Conversation, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { withParticle } from '../../korean.ts';
import { clockTime, seoulDay, seoulHour, seoulTimestamp } from '../../seoul-calendar.ts';
import { badLine, giveDigits, goodbye, holdOn } from './phrases.ts';

const GREETING =
  '안녕하세요, 나르샘택배 AI 상담원입니다. 배송 조회나 배송지 변경을 도와드릴 수 있어요. 어떤 일로 전화 주셨나요?';

const GOODS = ['쌀', '책', '운동화', '강아지 사료', '김치', '모니터', '이불', '화분'] as const;

/** The parcel service's line: where is it, put it elsewhere, it never came. */
export const parcelDelivery: Scenario = {
  name: 'parcel_delivery',
  topic: '택배 배송',
  greeting: GREETING,
  branches: [
    { weight: 5, tell: whereIsIt },
    { weight: 3, tell: leaveElsewhere },
    { weight: 2, tell: neverCame },
  ],
};

function whereIsIt({ dice, callAtMs }: Setting): Conversation {
  const waybill = dice.digits(12);
  const goods = dice.pick(GOODS);
  const arrival = arrivalOf(callAtMs);
  const stops = dice.int(12, 60);
  return {
    lines: [
      agent(GREETING),
      user(`아, 오늘 온다던 ${withParticle(goods, '이/가')} 아직 안 와서요. 언제쯤 오나요?`),
      agent('네, 배송 상황 확인해 드리겠습니다. 운송장 번호 열두 자리를 말씀해 주시겠어요?'),
      user(dice.pick(['운송장 번호요? 잠깐만요… 문자 좀 볼게요.', '어, 그게 어디 있더라. 잠시만요.'])),
      agent('네, 천천히 말씀해 주세요. 끝 네 자리만 알려 주셔도 됩니다.'),
      ...giveDigits(dice, waybill.slice(-4), '끝자리가요, '),
      agent(holdOn(dice)),
      tool(
        'track_parcel',
        { waybill_tail: waybill.slice(-4) },
        {
          waybill,
          status: 'out_for_delivery',
          last_scan: seoulTimestamp(callAtMs - dice.int(1, 3) * HOUR),
          stops_before: stops,
        },
      ),
      agent(
        `지금 배송 기사님이 배송 중이시고, 고객님 댁까지 ${stops}곳이 남아 있습니다. ` +
          `${arrival} 도착할 예정이에요.`,
      ),
      user(dice.pick(['아, 그럼 오늘 오긴 오는 거죠?', '그때 집에 없는데, 그냥 문 앞에 두시면 돼요?'])),
      agent('네, 오늘 중으로 배송됩니다. 부재중이시면 문 앞에 두고 사진을 문자로 보내 드려요.'),
      ...goodbye(dice),
    ],
    summary: `고객이 ${goods} 배송 예정 시간을 문의하여 당일 ${arrival} 도착 예정임을 안내함.`,
    sentiment: 'neutral',
  };
}

/** Parcels come from one to three hours after the call, and by ten in the evening at the latest. */
function arrivalOf(callAtMs: number): string {
  const from = Math.max(10, seoulHour(callAtMs) + 1);
  if (from > 19) return '밤 10시 전에';
  return `${clockTime(from).spoken}에서 ${clockTime(from + 2).spoken} 사이에`;
}

function leaveElsewhere({ dice, callAtMs }: Setting): Conversation {
  const waybill = dice.digits(12);
  const place = dice.pick(['경비실', '무인 택배함', '옆집 302호', '1층 편의점']);
  const day = seoulDay(callAtMs, 1);
  return {
    lines: [
      agent(GREETING),
      user('내일 받을 택배가 있는데요, 제가 집에 없어서 다른 데 맡겨 주실 수 있나요?'),
      agent('네, 가능합니다. 운송장 번호 끝 네 자리를 말씀해 주시겠어요?'),
      ...giveDigits(dice, waybill.slice(-4)),
      agent(holdOn(dice)),
      tool(
        'track_parcel',
        { waybill_tail: waybill.slice(-4) },
        { waybill, status: 'at_hub', expected_date: day.iso },
      ),
      agent(`${day.spoken}에 배송될 예정이네요. 어디에 맡겨 드릴까요?`),
      ...badLine(dice, '어디에 맡겨 드리면 될까요?', 0.3),
      user(`${place}에 부탁드려요.`),
      agent(`${place} 맞으시죠? 배송 요청 사항을 변경하겠습니다.`),
      tool(
        'update_delivery_note',
        { waybill, note: `${place}에 맡겨 주세요` },
        { status: 'updated', waybill, note: `${place}에 맡겨 주세요` },
      ),
      agent(`변경되었습니다. 내일 기사님이 ${place}에 맡기고 나서 문자로 알려 드릴 거예요.`),
      user('비밀번호 같은 건 필요 없어요?'),
      agent('공동 현관 비밀번호가 필요한 경우에만 기사님이 따로 연락드립니다.'),
      ...goodbye(dice),
    ],
    summary: `고객이 부재를 이유로 배송 장소 변경을 요청하여 ${withParticle(place, '으로/로')} 변경함.`,
    sentiment: 'positive',
  };
}

function neverCame({ dice, callAtMs, customer }: Setting): Conversation {
  const waybill = dice.digits(12);
  const goods = dice.pick(GOODS);
  const delivered = seoulDay(callAtMs, -1);
  const ticket = `CL${dice.digits(8)}`;
  return {
    lines: [
      agent(GREETING),
      user(`아니, 배송 완료라고 문자는 왔는데 ${withParticle(goods, '이/가')} 없어요.`),
      agent('많이 당황하셨겠어요. 바로 확인해 드리겠습니다. 운송장 번호 끝 네 자리를 말씀해 주세요.'),
      ...giveDigits(dice, waybill.slice(-4)),
      tool(
        'track_parcel',
        { waybill_tail: waybill.slice(-4) },
        { waybill, status: 'delivered', delivered_on: delivered.iso, place: '문 앞' },
      ),
      agent(
        `${delivered.spoken}에 문 앞에 배송한 것으로 나옵니다. 혹시 경비실이나 이웃집도 확인해 보셨을까요?`,
      ),
      user('다 봤죠. 경비실에도 없고요. 사진도 저희 집 문이 아니던데요.'),
      agent(
        '네, 다른 곳에 배송되었을 수 있겠습니다. 사고 접수를 해서 담당 지점에서 찾도록 하겠습니다. 성함이 어떻게 되세요?',
      ),
      user(`${withParticle(customer, '이요/요')}. 이거 언제까지 찾아 주시는 거예요?`),
      tool(
        'open_claim',
        { waybill, claim_type: 'misdelivery', reporter: customer },
        { ticket_id: ticket, due_in_days: 2 },
      ),
      agent(`${customer} 님, 접수되었습니다. 담당 지점에서 이틀 안에 직접 전화드리겠습니다.`),
      user('하, 진짜… 꼭 좀 빨리 부탁드립니다.'),
      agent('불편을 드려 정말 죄송합니다. 빠르게 처리하도록 전달하겠습니다.'),
      user('네.'),
    ],
    summary:
      `${customer} 고객이 배송 완료로 표시된 ${withParticle(goods, '을/를')} 받지 못했다고 항의하여 ` +
      `오배송 사고를 접수함(접수 번호 ${ticket}).`,
    sentiment: 'negative',
  };
}
