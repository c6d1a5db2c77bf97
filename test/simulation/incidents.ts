import { MINUTE } from '../../src/clock.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import type { VoxCall } from '../../src/sandbox/vox/call.ts';
import { setDown } from './database.ts';
import type { Play, Stored } from './play.ts';
import type { Incident, IncidentOf } from './story.ts';

/** Enters every incident into the schedule. Gives a function that ends those that have not ended by themselves. */
export function scheduleIncidents(play: Play): () => Promise<void> {
  const endings = new Set<() => void | Promise<void>>();
  for (const incident of play.story.incidents) {
    play.scheduler.at(play.story.originMs + incident.atMs, async () => {
      play.log.note(`${play.scheduler.now()} incident ${incident.id} ${incident.kind}`);
      const end = await begin(play, incident);
      if (end === null) return;
      endings.add(end);
      const { forMs } = incident as { forMs?: number };
      if (forMs === undefined) return;
      play.scheduler.at(play.scheduler.now() + forMs, async () => {
        if (endings.delete(end)) await end();
      });
    });
  }
  return async () => {
    for (const end of endings) await end();
    endings.clear();
    for (const worker of play.workers) worker.blows = [];
  };
}

/** Gives what ends it; null when it ends by itself or stays for good. */
async function begin(play: Play, incident: Incident): Promise<(() => void | Promise<void>) | null> {
  const { sandbox, network, server } = play;
  switch (incident.kind) {
    case 'vendor':
      return sandbox.faults.add(incident.fault);
    case 'told_wrongly':
      return tellWrongly(play, incident);
    case 'network':
      return network.add(incident.fault, incident.times, incident.delayMs);
    case 'listed_late':
      return sandbox.faults.add({
        kind: 'vendor_sees_late',
        share: incident.share,
        delayMs: incident.delayMs,
      });
    case 'deleted':
    case 'forgotten':
      return deleteCall(play, incident);
    case 'retention':
      return retain(play, incident);
    case 'detail_broken':
      return breakDetail(play, incident);
    case 'agents_broken':
      sandbox.faults.add({ kind: 'server_error', status: incident.status, route: 'agents', times: null });
      return null;
    case 'database_down':
      await setDown(server, true);
      return () => setDown(server, false);
    case 'stop':
      return stopWorker(play, incident);
    case 'database_clock_set':
      play.databaseSkew.ms += incident.byMs;
      play.chronicle.clockSetAtMs.push(play.scheduler.now());
      return null;
    case 'clock_set':
      return setClock(play, incident);
    default:
      play.workers[incident.worker]?.blows.push({ blow: incident, operationsLeft: incident.operation });
      return null;
  }
}

function tellWrongly(play: Play, incident: IncidentOf<'told_wrongly'>): (() => void) | null {
  const callId = chooseVictim(play, incident, (call) => fits(call, incident.fault));
  if (callId === null) return null;
  return play.sandbox.faults.add({ ...incident.fault, callId } as FaultInput);
}

/** A wrong value stands only where a right one will replace it: a value that is withdrawn would be kept for good. */
function fits(call: VoxCall, fault: FaultInput): boolean {
  if (fault.kind === 'nul_text') {
    return call.call_analysis !== null && call.start_at !== null && !call.opt_out_sensitive_data_storage;
  }
  if (fault.kind === 'poison_row' && fault.poison.startsWith('cost')) return call.call_cost !== null;
  return true;
}

function deleteCall(play: Play, incident: IncidentOf<'deleted' | 'forgotten'>): (() => void) | null {
  const callId = chooseVictim(play, incident, () => true);
  if (callId === null) return null;
  const undo = play.sandbox.faults.add({ kind: 'deleted', callId });
  if (incident.kind === 'forgotten') return undo;
  play.chronicle.deleted.add(callId);
  return null;
}

function breakDetail(play: Play, incident: IncidentOf<'detail_broken'>): null {
  const callId = chooseVictim(play, incident, ({ start_at }) => start_at !== null);
  if (callId !== null) play.chronicle.brokenDetails.set(callId, incident.answer);
  return null;
}

/** Retention comes long after a call in life; here it is enough that the call has ended. */
async function retain(play: Play, incident: IncidentOf<'retention'>): Promise<null> {
  const before = play.vendorNow() - 10 * MINUTE;
  const hasEnded = ({ start_at, end_at }: VoxCall) => start_at !== null && end_at !== null && end_at < before;
  const callId = chooseVictim(play, incident, hasEnded);
  if (callId === null) return null;
  play.chronicle.retained.set(callId, await readStored(play, callId));
  play.sandbox.faults.add({ kind: 'retention', callId });
  return null;
}

async function readStored({ server }: Play, callId: string): Promise<Stored> {
  const { rows } = await server.admin.query<{ recording: boolean; analysis: boolean; items: number | null }>(
    `select recording_url is not null as recording, transcript_item_count as items,
  exists (select from callhouse.call_analyses a where (a.source_id, a.call_id) = (c.source_id, c.call_id)) as analysis
from callhouse.calls c where call_id = $1`,
    [callId],
  );
  const row = rows[0];
  return {
    recording: row?.recording ?? false,
    analysis: row?.analysis ?? false,
    transcriptItems: row?.items ?? null,
  };
}

function stopWorker(play: Play, incident: IncidentOf<'stop'>): null {
  const worker = play.workers[incident.worker];
  if (!worker?.process) return null;
  worker.downForMs = incident.downForMs;
  worker.process.stop.abort(new DOMException('SIGTERM', 'AbortError'));
  play.log.struck(incident.id, worker.process.name);
  return null;
}

function setClock(play: Play, incident: IncidentOf<'clock_set'>): null {
  const worker = play.workers[incident.worker];
  if (worker) worker.skewMs += incident.byMs;
  return null;
}

/** The call at a share of the way from the oldest to the newest of those that fit now. */
function chooseVictim(
  play: Play,
  incident: { id: number; victim: number },
  isFit: (call: VoxCall) => boolean,
): string | null {
  const calls = [...play.sandbox.world.details(play.vendorNow())].filter(isFit);
  const call = calls[Math.floor(incident.victim * calls.length)];
  if (!call) return null;
  play.chronicle.victims.set(incident.id, call.id);
  return call.id;
}
