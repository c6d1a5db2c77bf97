import { z } from 'zod';
import { invalid } from './errors.ts';

const Body = z.strictObject({
  filter_criteria: z
    .strictObject({
      agent_id: z.array(z.guid()).optional(),
      call_status: z.array(z.string()).optional(),
      direction: z.array(z.enum(['incoming', 'outgoing'])).optional(),
      start_timestamp: z
        .strictObject({ lower_threshold: z.int().optional(), upper_threshold: z.int().optional() })
        .optional(),
      include_test_calls: z.boolean().default(false),
    })
    .prefault({}),
  sort_order: z.enum(['ascending', 'descending']).default('descending'),
  limit: z.int().min(1).max(1_000).default(50),
  pagination_key: z
    .string()
    .optional()
    .transform((key) => key ?? null),
});

/** `POST /call-list`, understood. */
export type ListBody = z.infer<typeof Body>;

/** Reads the body of `POST /call-list`; everything in it may be left out. Throws a VoicyRefusal when it is not understood. */
export function readListBody(body: unknown): ListBody {
  const parsed = Body.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(issue?.path.join('.') || 'body', issue?.message ?? 'invalid');
}

/** The key that a body carries, whatever else is wrong with it. */
export function keyIn(body: unknown): string | null {
  const parsed = z.object({ pagination_key: z.string() }).safeParse(body);
  return parsed.success ? parsed.data.pagination_key : null;
}
