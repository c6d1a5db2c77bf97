import type { Extraction } from '../../call.ts';
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import { plainText } from '../plain-text.ts';
import type { VoicyDetail } from './payload.ts';

/** What was learnt in a call, by the agent while it spoke and by the analysis after. Null when there is nothing. */
export function readExtractions(detail: VoicyDetail): Extraction[] | null {
  const rows = [
    ...variablesOf('collected', detail.vars_collected),
    ...variablesOf('extracted', detail.vars_extracted),
  ];
  return rows.length > 0 ? rows : null;
}

/** An object by its names, in one order however it was sent; a list by its elements. */
function variablesOf(origin: string, variables: Json): Extraction[] {
  const named = Array.isArray(variables) ? variables.map(ofElement) : ofMembers(variables);
  return named.map((variable, position) => ({
    origin,
    position,
    ...variable,
    valueText: plainText(variable.value),
  }));
}

type Variable = Pick<Extraction, 'name' | 'type' | 'value'>;

function ofMembers(variables: Json): Variable[] {
  if (!isJsonObject(variables)) return [];
  return Object.entries(variables)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, type: null, value }));
}

/** An element may name its value; any other is a value itself. */
function ofElement(element: Json): Variable {
  if (!isNamedValue(element)) return { name: null, type: null, value: element };
  const { name, type, value } = element;
  return { name, type: typeof type === 'string' ? type : null, value };
}

function isNamedValue(element: Json): element is JsonObject & { name: string; value: Json } {
  return isJsonObject(element) && typeof element.name === 'string' && element.value !== undefined;
}
