/** The two forms of a refusal. The vendor's pages contradict each other, and so do its answers. */
type VoicyErrorBody = { error: string } | { status: 'error'; message: string };

/** An answer that refuses a request. */
export class VoicyRefusal extends Error {
  override readonly name = 'VoicyRefusal';
  readonly status: number;
  readonly body: VoicyErrorBody;

  constructor(status: number, body: VoicyErrorBody) {
    super('error' in body ? body.error : body.message);
    this.status = status;
    this.body = body;
  }
}

/** 400: the body is not acceptable. */
export function invalid(field: string, reason: string): VoicyRefusal {
  return new VoicyRefusal(400, { status: 'error', message: `${field}: ${reason}` });
}

/** 400: no page can follow this key. */
export function keyRefused(): VoicyRefusal {
  return new VoicyRefusal(400, { error: 'pagination_key does not belong to this list' });
}

/** 401: no key or a wrong one. */
export function unauthorized(): VoicyRefusal {
  return new VoicyRefusal(401, { status: 'error', message: 'The API key is missing or not valid' });
}

/** 404. Calls of other accounts are not found either. */
export function notFound(what: string): VoicyRefusal {
  return new VoicyRefusal(404, { error: `${what} not found` });
}

/** 422: the number that would call does not belong to an agent. */
export function unassignedNumber(): VoicyRefusal {
  return new VoicyRefusal(422, { error: 'from_number is not assigned to an agent' });
}

/** 429: too many requests. How long to wait is only said in words, and not always. */
export function rateLimited(waitSeconds: number | null = null): VoicyRefusal {
  const advice = waitSeconds === null ? 'Try again later' : `Try again in ${waitSeconds} seconds`;
  return new VoicyRefusal(429, { error: `Rate limit exceeded. ${advice}.` });
}

/** A failure on the side of the vendor, 500 to 599. */
export function serverError(status: number): VoicyRefusal {
  return new VoicyRefusal(status, { error: 'Something went wrong on our side' });
}
