import { z } from 'zod';
import { Dice } from '../dice.ts';
import type { VoxAgent } from './agents.ts';
import { invalid, notFound } from './errors.ts';
import { APPROVED_PRESENTATION_NUMBERS, NATIONAL_NUMBER, TRAFFIC_SPLIT_NUMBER } from './numbers.ts';
import type { PlacedCall } from './plan.ts';

const NationalNumber = z.string().regex(NATIONAL_NUMBER, 'must be a national number without hyphens');

const Body = z.object({
  from_number: NationalNumber,
  to_number: NationalNumber,
  agent: z
    .object({
      agent_id: z.guid(),
      agent_version: z
        .string()
        .regex(/^(current|production|v[1-9][0-9]*)$/, 'must be current, production or v{n}')
        .default('current'),
    })
    .optional(),
  metadata: z.record(z.string(), z.unknown()).default({}),
  dynamic_variables: z.record(z.string(), z.unknown()).default({}),
  presentation_number: z.string().nullable().default(null),
});

type Body = z.infer<typeof Body>;

/** Reads the body of `POST /calls` and finds the agent that takes the call. */
export function readNewCall(
  body: unknown,
  agents: readonly VoxAgent[],
): { agent: VoxAgent; placed: PlacedCall } {
  const parsed = Body.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(issue?.path.join('.') || 'body', issue?.message ?? 'invalid');
  }
  const wanted = parsed.data;
  const shown = wanted.presentation_number;
  if (shown !== null && !APPROVED_PRESENTATION_NUMBERS.some((approved) => approved === shown)) {
    throw invalid('presentation_number', 'is not an approved presentation number');
  }
  const { agent, agentVersion, variantLabel } = routeOf(wanted, agents);
  const placed: PlacedCall = {
    fromNumber: wanted.from_number,
    toNumber: wanted.to_number,
    agentVersion,
    presentationNumber: shown,
    variantLabel,
    metadata: wanted.metadata,
    dynamicVariables: wanted.dynamic_variables,
  };
  return { agent, placed };
}

function routeOf(
  { agent: named, from_number, to_number }: Body,
  agents: readonly VoxAgent[],
): { agent: VoxAgent; agentVersion: string; variantLabel: string | null } {
  if (named !== undefined) {
    const agent = agents.find(({ id }) => id === named.agent_id);
    if (agent === undefined) throw notFound('에이전트를');
    return { agent, agentVersion: named.agent_version, variantLabel: null };
  }
  if (from_number !== TRAFFIC_SPLIT_NUMBER)
    throw invalid('agent', 'is required without an active traffic split');
  const dice = new Dice('split', to_number);
  return { agent: dice.pick(agents), agentVersion: 'production', variantLabel: dice.pick(['A안', 'B안']) };
}
