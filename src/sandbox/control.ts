import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Fault } from './fault-kinds.ts';
import type { Faults } from './faults.ts';
import type { RequestLog } from './request-log.ts';

interface ControlOptions {
  now: () => number;
  faults: Faults;
  requests: RequestLog;
  /** Every call that exists at an instant, complete. */
  truth: (nowMs: number) => Iterable<object>;
}

const FaultsBody = z.union([z.array(Fault), Fault.transform((fault) => [fault])]);

/** The sandbox's own paths, for those who watch and disturb it. Register it with the prefix `/sandbox`. */
export function controlApi(app: FastifyInstance, { now, faults, requests, truth }: ControlOptions): void {
  app.get('/truth', (_request, reply) => {
    const nowMs = now();
    return reply.type('application/json; charset=utf-8').send(Readable.from(truthText(nowMs, truth(nowMs))));
  });

  app.get('/requests', () => ({ counts: requests.counts, log: requests.entries }));
  app.delete('/requests', (_request, reply) => {
    requests.reset();
    return reply.code(204).send();
  });

  app.get('/faults', () => ({ active: faults.active }));
  app.post('/faults', (request, reply) => {
    const body = FaultsBody.safeParse(request.body);
    if (!body.success) return reply.code(400).send({ problems: z.treeifyError(body.error) });
    faults.add(...body.data);
    return { active: faults.active };
  });
  app.delete('/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });
}

/** Piece by piece: the calls of a big world do not fit into one text. */
function* truthText(nowMs: number, calls: Iterable<object>): Generator<string> {
  yield `{"now":${nowMs},"calls":[`;
  let separator = '';
  for (const call of calls) {
    yield `${separator}${JSON.stringify(call)}`;
    separator = ',';
  }
  yield ']}';
}
