import { digitsOf, isJsonObject, type Json, type JsonObject } from '../json.ts';
import { shortened, told } from '../told.ts';

/**
 * What a vendor says when it refuses, in the forms that vendors use: the code first, then the fields that it does not take,
 * then its message. It is shown in the log and in health: short, and without what could be of a person. Pure.
 */

const CODE_MAX = 80;
const MESSAGE_MAX = 200;
const WHOLE_MAX = 500;
const FIELDS_MAX = 5;

/** As `refusalWords`, also where the vendor gives no reason that can be told. */
export function refusal(json: Json): string {
  return refusalWords(json) ?? NO_REASON;
}

/** Without the message: where what was sent was of a person, it may say that again. */
export function refusalWithoutMessage(json: Json): string {
  return joined([codeOf(json), ...fieldsOf(json)]) ?? NO_REASON;
}

/** Null when the vendor gives no reason that can be told. */
export function refusalWords(json: Json): string | null {
  return joined([codeOf(json), ...fieldsOf(json), messageOf(json)]);
}

const NO_REASON = 'no reason given';

function joined(parts: readonly (string | null)[]): string | null {
  const said = parts.filter((part): part is string => part !== null);
  return said.length === 0 ? null : shortened([...new Set(said)].join('; '), WHOLE_MAX);
}

/** What may tell of the refusal: what stands under `error`, the body, and the first of several errors. */
function tellers(json: Json): JsonObject[] {
  if (!isJsonObject(json)) return [];
  const first = Array.isArray(json.errors) ? json.errors[0] : json.errors;
  return [json.error, json, first].filter((teller) => teller !== undefined).filter(isJsonObject);
}

function codeOf(json: Json): string | null {
  const codes = tellers(json).flatMap(({ code, error_code, error }) => [code, error_code, wordOf(error)]);
  const code = codes.map(textOf).find((text) => text !== null);
  if (code === undefined || code === null) return null;
  return NUMBERED_CODE.test(code) ? code : told(code, CODE_MAX);
}

/** `E10042`, `40001`: too short to be a number of a person. */
const NUMBERED_CODE = /^(?:[A-Za-z]{1,10}[-_]?)?\d{1,6}$/;

/** `{"error": "invalid_token"}` names a code, and `{"error": "Token is not valid"}` is a message. */
function wordOf(error: Json | undefined): string | undefined {
  return typeof error === 'string' && /^\w+$/.test(error) ? error : undefined;
}

function messageOf(json: Json): string | null {
  const texts = tellers(json).flatMap(({ message, msg, detail, error_description, title, error }) => [
    message,
    msg,
    detail,
    error_description,
    title,
    error,
  ]);
  const first = isJsonObject(json) && Array.isArray(json.errors) ? json.errors[0] : json;
  const message = [...texts, first].find((text) => typeof text === 'string' && text.trim() !== '');
  return typeof message === 'string' ? told(message, MESSAGE_MAX) : null;
}

/** The fields that the vendor does not take, and those that it would. */
function fieldsOf(json: Json): string[] {
  return tellers(json).flatMap(({ details, detail }) => {
    const faults = Array.isArray(detail) ? detail.filter(isJsonObject).slice(0, FIELDS_MAX) : [];
    return [...(isJsonObject(details) ? detailsOf(details) : []), ...faults.map(faultOf)];
  });
}

function detailsOf({ field, reason, allowed_query_parameters: allowed }: JsonObject): string[] {
  const names = Array.isArray(allowed) ? allowed.filter((name) => typeof name === 'string') : [];
  return [
    ...(typeof field === 'string' ? [`field ${told(field, CODE_MAX)}`] : []),
    ...(typeof reason === 'string' ? [told(reason, MESSAGE_MAX)] : []),
    ...(Array.isArray(allowed) ? [told(`allowed query parameters: ${names.join(', ')}`, MESSAGE_MAX)] : []),
  ];
}

/** `query.limit: less_than_equal`: a place and a kind, and not the value that stood there. */
function faultOf({ loc, type }: JsonObject): string {
  const place = Array.isArray(loc) ? loc.map(String).join('.') : '?';
  return told(`${place}: ${typeof type === 'string' ? type : '?'}`, CODE_MAX);
}

function textOf(value: Json | undefined): string | null {
  if (typeof value === 'string') return value.trim() || null;
  return value === undefined || value === null || typeof value === 'boolean' ? null : digitsOf(value);
}
