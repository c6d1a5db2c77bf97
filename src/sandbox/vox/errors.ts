/** An answer that refuses a request, in the vendor's form. */
export class VoxRefusal extends Error {
  override readonly name = 'VoxRefusal';
  readonly status: number;
  readonly body: VoxErrorBody;

  constructor(status: number, code: string, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.body = { error: { code, message, details } };
  }
}

interface VoxErrorBody {
  error: { code: string; message: string; details: Record<string, unknown> };
}

/** 400: a value is not acceptable. */
export function invalid(field: string, reason: string): VoxRefusal {
  return new VoxRefusal(400, 'VALIDATION_ERROR', '요청 값이 올바르지 않습니다.', { field, reason });
}

/** 400: a query parameter is not known. */
export function unknownParameter(name: string, allowed: readonly string[]): VoxRefusal {
  return new VoxRefusal(400, 'VALIDATION_ERROR', '지원하지 않는 쿼리 파라미터입니다.', {
    field: name,
    reason: 'unknown query parameter',
    allowed_query_parameters: [...allowed],
  });
}

/** 404. `what` is a noun with its object particle: `통화를`. */
export function notFound(what: string): VoxRefusal {
  return new VoxRefusal(404, 'NOT_FOUND', `${what} 찾을 수 없습니다.`);
}

/** 401: no key or a wrong one. */
export function unauthorized(): VoxRefusal {
  return new VoxRefusal(401, 'UNAUTHORIZED', 'API 키가 없거나 유효하지 않습니다.');
}

/** 429: too many requests. */
export function rateLimited(): VoxRefusal {
  return new VoxRefusal(429, 'RATE_LIMIT_EXCEEDED', '요청 한도를 초과했습니다. 잠시 후 다시 시도해 주세요.');
}

/** A failure on the side of the vendor, 500 to 599. */
export function serverError(status: number): VoxRefusal {
  return new VoxRefusal(
    status,
    'INTERNAL_ERROR',
    '일시적인 오류가 발생했습니다. 잠시 후 다시 시도해 주세요.',
  );
}
