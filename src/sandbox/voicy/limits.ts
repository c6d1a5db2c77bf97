/** Requests that the smallest plan admits. */
export const LIMITS = { requestsPerSecond: 0, requestsPerMinute: 60 };
