import type { Dice } from '../dice.ts';
import type { CallPlan } from './plan.ts';
import { dayOf } from './spanish.ts';

const WITHOUT_SHARE = 0.15;
const EMPTY_SHARE = 0.08;

/** What the call was given to speak with: mostly texts, with the numbers and booleans that people send all the same. */
export function dynamicVariables(
  { birthMs, scenario }: CallPlan,
  dice: Dice,
  customer: string,
): Record<string, unknown> | null {
  if (dice.chance(WITHOUT_SHARE)) return null;
  if (dice.chance(EMPTY_SHARE)) return {};
  const variables: Record<string, unknown> = {
    nombre_cliente: customer,
    motivo: scenario.topic,
    'id-crm': `crm_${dice.code(8).toLowerCase()}`,
    fecha: dayOf(birthMs).iso,
    esCliente: dice.chance(0.7),
    intentos: dice.int(1, 4),
  };
  if (dice.chance(0.4)) variables.importe = dice.int(900, 24_000) / 100;
  if (dice.chance(0.3)) variables.pedido = { referencia: dice.code(7), bultos: dice.int(1, 3), nota: null };
  if (dice.chance(0.3)) variables.etiquetas = dice.pick([['VIP'], ['nuevo', 'web'], []]);
  return variables;
}
