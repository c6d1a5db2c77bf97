import { agent, type Line, user } from '../../conversation.ts';
import type { Dice } from '../../dice.ts';
import { readOut, sentence } from '../spanish.ts';

/** What an agent says before it looks something up. */
export function holdOn(dice: Dice): string {
  return dice.pick([
    'Un momento, que lo consulto.',
    'Deme un segundo, lo estoy mirando.',
    'Vale, ahora mismo lo compruebo.',
    'Un instante, por favor.',
  ]);
}

/** A listener's short yes. */
export function yes(dice: Dice): string {
  return dice.pick(['Sí.', 'Sí, eso es.', 'Correcto.', 'Sí, sí.', 'Exacto, sí.']);
}

/** How a customer says goodbye, and the agent's answer. */
export function goodbye(dice: Dice): Line[] {
  return [
    user(dice.pick(['Muchas gracias, hasta luego.', 'Vale, pues nada más. Gracias.', 'Perfecto, adiós.'])),
    agent(
      dice.pick([
        'A usted. Que tenga un buen día.',
        'Gracias por su tiempo. Hasta pronto.',
        'Un saludo, adiós.',
      ]),
    ),
  ];
}

/** The customer gives digits; now and then the agent mishears the last one and is corrected. */
export function giveDigits(dice: Dice, digits: string): Line[] {
  const given = user(sentence(`${dice.pick(['', 'a ver… ', 'sí, apunte: '])}${readOut(digits)}.`));
  if (!dice.chance(0.3)) return [given];
  const last = digits.slice(-1);
  const misheard = `${digits.slice(0, -1)}${(Number(last) + dice.int(1, 8)) % 10}`;
  return [
    given,
    agent(`¿${sentence(readOut(misheard))}?`),
    user(`No, no, acaba en ${readOut(last)}.`),
    agent(`Perdone, ${readOut(digits)}. Ya lo tengo.`),
  ];
}

/** Sometimes the line is bad for a moment and the agent has to say it again. */
export function badLine(dice: Dice, again: string): Line[] {
  if (!dice.chance(0.2)) return [];
  return [
    user(dice.pick(['¿Cómo dice? Se corta un poco.', '¿Perdón? Es que voy por la calle y no oigo nada.'])),
    agent(`${dice.pick(['Se lo repito.', 'Claro, se lo digo otra vez.'])} ${again}`),
  ];
}
