import { MINUTE, SECOND } from '../src/clock.ts';

/**
 * vox.ai calls by their numbers: any of them can be made without the others, so that a history of any size needs no
 * memory. Number 0 is the newest. Texts differ from call to call; their lengths hardly do.
 */
export interface History {
  calls: number;
  /** Start of the newest call, unix ms. The others lie a minute apart. */
  newestMs: number;
  /** Items of each transcript. */
  turns: number;
  /** Bytes that the metadata of each call has besides, for pages of unusual size. */
  extraBytes: number;
}

export const SPACING_MS = MINUTE;
const TALK_MS = 96 * SECOND;

const SAYINGS = [
  '네, 안녕하세요. 한빛 고객센터 상담 도우미입니다. 무엇을 도와드릴까요?',
  '다음 주 화요일 오후 세 시로 예약을 옮기고 싶은데 가능할까요?',
  '확인해 보겠습니다. 잠시만 기다려 주시면 예약 현황을 조회하겠습니다.',
  '그 시간은 이미 찼고요, 네 시 반이나 수요일 오전 열 시는 어떠세요?',
  '그럼 수요일 오전 열 시로 부탁드릴게요. 주차도 되나요?',
  '네, 지하 이 층에 두 시간까지 무료로 주차하실 수 있습니다.',
] as const;

/** Random to the eye and to an index, and the number can still be read from it. */
export function callId(number: number): string {
  const scattered = ((number * 2_654_435_761) >>> 0).toString(16).padStart(8, '0');
  return `${scattered}-5c1d-4e2a-9b3f-${number.toString(16).padStart(12, '0')}`;
}

export function numberOf(id: string): number {
  return Number.parseInt(id.slice(-12), 16);
}

/** A row of the list: 2.4 kB of JSON. */
export function listRow(number: number, { newestMs, extraBytes }: History) {
  const startMs = newestMs - number * SPACING_MS;
  const id = callId(number);
  return {
    id,
    agent: {
      agent_id: `7d0c2f4a-11${number % 8}0-4c59-8a51-0f6f3f1f9a5e`,
      agent_version: `${1 + (number % 3)}`,
    },
    call_type: number % 3 === 0 ? 'inbound' : 'outbound',
    status: 'ended',
    from_number: '0215881234',
    to_number: `010${String(10_000_000 + ((number * 7_919) % 89_999_999))}`,
    presentation_number: '0215881234',
    disconnection_reason: number % 2 === 0 ? 'user_hangup' : 'agent_hangup',
    start_at: startMs,
    end_at: startMs + TALK_MS,
    recording_url: `https://storage.example.com/recordings/2026/11/${id}/full-conversation.mp3`,
    metadata: {
      crm_lead_id: `lead_${number}`,
      requestId: id,
      'source-system': 'crm',
      campaign: { name: '11월 2차 발신', batchNo: number % 40, tags: ['VIP', '재방문'] },
      ...(extraBytes > 0 ? { filling: `${id} `.repeat(Math.ceil(extraBytes / 37)) } : {}),
    },
    dynamic_variables: {
      customer_name: '김서연',
      customerPhone: `010-${1_000 + (number % 9_000)}-${1_000 + ((number * 31) % 9_000)}`,
      'crm-lead-id': `lead_${number}`,
      current_time: new Date(startMs).toISOString(),
      callPurpose: '예약 변경 안내와 방문 전 확인',
      'branch-name': '가람마루점',
      'preferred-language': 'ko-KR',
      lastVisitNote:
        '지난번에는 대기 시간이 길어 불편했다고 하였으므로 도착 시간에 맞추어 바로 안내할 것. 주차권은 접수대에서 받을 수 있음을 미리 알리고, 준비물은 문자로 다시 보낼 것. 담당 상담사가 바뀌었음을 설명하고, 이전 상담사가 남긴 메모를 이어서 참고할 것. 불편 사항이 있으면 상담팀으로 바로 연결할 것.',
      visitCount: String(number % 10),
      is_vip: 'false',
      order_payload: JSON.stringify({
        order_no: `20261120${number}`,
        items: [{ sku: `SKU-${number % 977}`, qty: 2 }],
      }),
    },
    call_analysis: {
      summary: `고객 ${number}번이 예약을 다음 주 화요일에서 수요일 오전 열 시로 옮기기를 원하여 예약 현황을 조회한 뒤 변경을 확정함. 주차 가능 여부와 준비물을 함께 안내했고, 고객은 안내 문자를 요청함. 지난 방문 때 상담한 내용을 다시 확인하였으며, 일정이 또 바뀌면 하루 전까지 연락하기로 함. 추가로 궁금한 점은 없다고 하여 통화를 마침.`,
      user_sentiment: 'neutral',
      custom_analysis_data: [
        { type: 'string', name: '예약_변경_사유', value: '출장 일정과 겹쳐서 다른 날을 원함' },
        { type: 'boolean', name: '변경_확정', value: true },
        { type: 'number', name: '희망_시각', value: 10.5 },
        { type: 'enum', name: '후속_조치', value: '안내 문자 발송' },
      ],
    },
    call_cost: { total_cost: `${150 + (number % 400)}.${10 + (number % 90)}` },
    variant_label: null,
    opt_out_sensitive_data_storage: false,
  };
}

/** A call with its transcript: every sixth item is a tool's call, and the next one what the tool answered. */
export function detail(number: number, history: History) {
  const row = listRow(number, history);
  const lengthMs = TALK_MS / history.turns;
  const transcript = Array.from({ length: history.turns }, (_, turn) => {
    const tool_call_id = `call_${number}_${turn - (turn % 6)}`;
    if (turn % 6 === 2) {
      const asked = { branch: '가람마루점', day: '2026-12-02', lead: number };
      return {
        role: 'tool_call_invocation',
        tool_call_id,
        name: 'look_up_reservations',
        arguments: asked,
      };
    }
    if (turn % 6 === 3) {
      const content = JSON.stringify({ status: 'ok', free: ['10:00', '16:30'], reservation: { id: number } });
      return { role: 'tool_call_result', tool_call_id, content };
    }
    const start_at = Math.round(row.start_at + turn * lengthMs);
    const content = `${SAYINGS[(number + turn) % SAYINGS.length]} (${number}-${turn})`;
    return {
      role: turn % 2 === 0 ? 'agent' : 'user',
      content,
      start_at,
      end_at: Math.round(start_at + lengthMs),
    };
  });
  return { ...row, transcript };
}
