import { MINUTE } from '../../src/clock.ts';
import type { FaultInput } from '../../src/sandbox/fault-kinds.ts';
import { lackingWhereCovered } from './checks/coverage.ts';
import { setDown } from './database.ts';
import { callsOf, type Play, sceneOf } from './play.ts';
import { readStoredCalls } from './stored-calls.ts';
import { type Incident, type IncidentOf, vendorStruck } from './story.ts';
import { vendorOf } from './vendors/index.ts';
import type { LateFields, SimulatedCall, VendorName } from './vendors/vendor.ts';

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
  const vendor = vendorStruck(play.story, incident);
  return vendor === null ? beginAmongWorkers(play, incident) : beginAt(play, vendor, incident);
}

function faultsOf({ sandbox }: Play, vendor: VendorName) {
  return vendorOf(vendor).case.in(sandbox).faults;
}

/** Trouble of one vendor. */
async function beginAt(
  play: Play,
  vendor: VendorName,
  incident: Incident,
): Promise<(() => void | Promise<void>) | null> {
  const faults = faultsOf(play, vendor);
  switch (incident.kind) {
    case 'vendor':
      return faults.add(incident.fault);
    case 'lies':
      return lie(play, vendor, incident);
    case 'told_wrongly':
      return tellWrongly(play, vendor, incident);
    case 'network':
      return play.network.add(vendor, incident.fault, incident.times, incident.delayMs);
    case 'listed_late':
      return faults.add({ kind: 'vendor_sees_late', share: incident.share, delayMs: incident.delayMs });
    case 'deleted':
    case 'forgotten':
      return deleteCall(play, vendor, incident);
    case 'retention':
      return retain(play, vendor, incident);
    case 'detail_broken':
      return breakDetail(play, vendor, incident);
    case 'agents_broken':
      faults.add({ kind: 'server_error', status: incident.status, route: 'agents', times: null });
      return null;
    case 'rights':
      return takeRight(play, incident);
    default:
      return null;
  }
}

/** Trouble of the workers and their database. */
async function beginAmongWorkers(
  play: Play,
  incident: Incident,
): Promise<(() => void | Promise<void>) | null> {
  const { server } = play;
  switch (incident.kind) {
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
    case 'crash':
    case 'break':
    case 'disconnect':
    case 'serialization_failure':
    case 'pause':
      play.workers[incident.worker]?.blows.push({ blow: incident, operationsLeft: incident.operation });
      return null;
    default:
      return null;
  }
}

/** What is covered while a vendor lies must be true before it is told the truth. */
function lie(play: Play, vendor: VendorName, { fault }: IncidentOf<'lies'>): () => Promise<void> {
  const end = faultsOf(play, vendor).add(fault);
  return async () => {
    play.chronicle.lacking.push(...(await lackingWhereCovered(sceneOf(play, vendor))));
    end();
  };
}

function tellWrongly(
  play: Play,
  vendor: VendorName,
  incident: IncidentOf<'told_wrongly'>,
): (() => void) | null {
  const callId = chooseVictim(play, vendor, incident, (call) => call.fits(incident.fault));
  if (callId === null) return null;
  return faultsOf(play, vendor).add({ ...incident.fault, callId } as FaultInput);
}

function deleteCall(
  play: Play,
  vendor: VendorName,
  incident: IncidentOf<'deleted' | 'forgotten'>,
): (() => void) | null {
  const callId = chooseVictim(play, vendor, incident, () => true);
  if (callId === null) return null;
  const undo = faultsOf(play, vendor).add({ kind: 'deleted', callId });
  if (incident.kind === 'forgotten') return undo;
  play.chronicle.deleted.add(callId);
  return null;
}

function breakDetail(play: Play, vendor: VendorName, incident: IncidentOf<'detail_broken'>): null {
  const isStarted = ({ row }: SimulatedCall) => row.started_ms !== null;
  const callId = chooseVictim(play, vendor, incident, isStarted);
  if (callId !== null) play.chronicle.brokenDetails.set(callId, incident.answer);
  return null;
}

/** Retention comes long after a call in life; here it is enough that the call has ended. */
async function retain(play: Play, vendor: VendorName, incident: IncidentOf<'retention'>): Promise<null> {
  const before = play.vendorNow() - 10 * MINUTE;
  const hasEnded = ({ row: { started_ms, ended_ms } }: SimulatedCall) =>
    started_ms !== null && typeof ended_ms === 'number' && ended_ms < before;
  const callId = chooseVictim(play, vendor, incident, hasEnded);
  if (callId === null) return null;
  const stored = (await readStoredCalls(play.server.admin, vendor)).get(callId);
  play.chronicle.retained.set(callId, stored ?? NOTHING);
  faultsOf(play, vendor).add({ kind: 'retention', callId });
  return null;
}

const NOTHING: LateFields = { recording: false, analysis: false, summary: false, transcriptItems: null };

/** As when somebody restricts a key. */
function takeRight({ sandbox, chronicle, scheduler }: Play, { part }: IncidentOf<'rights'>): () => void {
  const { rights } = sandbox.diga.world;
  const fromMs = scheduler.now();
  rights[part] = false;
  return () => {
    rights[part] = true;
    chronicle.rightsTaken.push({ part, fromMs, toMs: scheduler.now() });
  };
}

function stopWorker(play: Play, incident: IncidentOf<'stop'>): null {
  const worker = play.workers[incident.worker];
  if (!worker?.process || worker.process.isDead) return null;
  worker.downForMs = incident.downForMs;
  // One after the other, so that no two run at a time.
  for (const { stop } of worker.process.strands) {
    play.scheduler.at(play.scheduler.now(), () => stop.abort(new DOMException('SIGTERM', 'AbortError')));
  }
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
  vendor: VendorName,
  incident: { id: number; victim: number },
  isFit: (call: SimulatedCall) => boolean,
): string | null {
  const calls = [...callsOf(sceneOf(play, vendor))].filter(isFit);
  const call = calls[Math.floor(incident.victim * calls.length)];
  if (!call) return null;
  play.chronicle.victims.set(incident.id, call.course.id);
  return call.course.id;
}
