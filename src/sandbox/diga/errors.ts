/** A request value that was not understood, as the vendor's framework words it. */
export interface Problem {
  loc: string[];
  msg: string;
  type: string;
}

/** An answer that refuses a request, in one of the vendor's two forms. */
export class DigaRefusal extends Error {
  override readonly name = 'DigaRefusal';
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object) {
    super(`answered with ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** 422: the form that is checked before the vendor's own code runs. */
export function unprocessable(problems: readonly Problem[]): DigaRefusal {
  return new DigaRefusal(422, { detail: problems });
}

/** 422: pages were asked for in two ways at once. */
export function invalidPagination(message: string): DigaRefusal {
  return business(422, 'INVALID_PAGINATION_PARAMETERS', message);
}

/** 404, also for a cursor whose call is gone. */
export function callNotFound(id: string): DigaRefusal {
  return business(404, 'CALL_NOT_FOUND', `Call ${id} not found`);
}

/** 404: there is such a call, and nothing was said in it. */
export function noMessages(id: string): DigaRefusal {
  return business(404, 'NO_MESSAGES_FOR_CALL', `No messages found for call ${id}`);
}

/** 404. */
export function phoneNotFound(id: string): DigaRefusal {
  return business(404, 'PHONE_NOT_FOUND', `Phone ${id} not found`);
}

/** 403. The vendor's own examples carry this odd code: only the status tells what is meant. */
export function forbidden(action: string): DigaRefusal {
  return business(403, 'INTERNAL_SERVER_ERROR', `Missing required permissions to ${action}`);
}

/** 401: no key or a wrong one. */
export function invalidApiKey(): DigaRefusal {
  return business(401, 'INVALID_API_KEY', 'Invalid or missing API key');
}

/** 429: nothing that the vendor describes; it gives no hint how long to wait. */
export function rateLimited(): DigaRefusal {
  return business(429, 'TOO_MANY_REQUESTS', 'Too many requests');
}

/** A failure on the side of the vendor, 500 to 599. */
export function serverError(status: number): DigaRefusal {
  return business(status, 'INTERNAL_SERVER_ERROR', 'Error: Internal Server Error');
}

/** 404: a path that is not there. */
export function noSuchPath(): DigaRefusal {
  return new DigaRefusal(404, { detail: 'Not Found' });
}

function business(status: number, code: string, message: string): DigaRefusal {
  return new DigaRefusal(status, { status: 'error', error_code: code, message });
}
