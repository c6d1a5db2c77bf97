import type { Faults } from '../faults.ts';
import type { DigaCallRow } from './call.ts';

/** The call without what its retention has taken away; its messages are gone, too. */
export function expired<Call extends DigaCallRow>(call: Call, faults: Faults): Call {
  if (!faults.isExpired(call.id)) return call;
  return 'messages' in call
    ? { ...call, recording_url: null, messages: [] }
    : { ...call, recording_url: null };
}
