import { agent, type Branch, type Line, type Scenario, type Setting, tool, user } from '../conversation.ts';
import type { Dice } from '../dice.ts';

/** How a connected call comes to its end, whatever it is about. */
export type Ending =
  | 'whole'
  | 'agent_closes'
  | 'cut'
  | 'transfer'
  | 'joined'
  | 'voicemail'
  | 'machine'
  | 'silence'
  | 'breakdown';

/** The share of the conversation that is held before the ending sets in. */
const SHARE_HELD: Readonly<Record<Ending, number>> = {
  whole: 1,
  agent_closes: 1,
  cut: 0.45,
  transfer: 0.45,
  joined: 0.45,
  voicemail: 0,
  machine: 0,
  silence: 0,
  breakdown: 0.35,
};

/** What is said in a call that takes this branch and ends this way. */
export function linesWith(ending: Ending, scenario: Scenario, branch: Branch, setting: Setting): Line[] {
  if (ending === 'voicemail') return voicemail(scenario, setting.dice);
  if (ending === 'machine') return machine();
  if (ending === 'silence') return silence(scenario, setting.dice);
  const { lines } = branch.tell(setting);
  if (ending === 'whole') return lines;
  if (ending === 'agent_closes') return [...lines, hangUp('conversation_finished')];
  const held = lines.slice(0, Math.max(2, Math.round(lines.length * SHARE_HELD[ending])));
  return [...held, ...lastWords(ending, setting.dice)];
}

function hangUp(reason: string): Line {
  return tool('hangup', { reason }, { status: 'ok' });
}

function lastWords(ending: Ending, dice: Dice): Line[] {
  switch (ending) {
    case 'transfer':
      return [
        ...asksForPerson(dice),
        tool(
          'transfer',
          { destination: '+34910001299', department: 'Atención al cliente' },
          { accepted: true },
        ),
      ];
    case 'joined':
      return [
        ...asksForPerson(dice),
        tool('add_participant', { destination: '+34910001299', role: 'supervisor' }, { joined: true }),
        agent('Buenas, soy del equipo de atención. Ya me he puesto al día, así que sigo yo con su gestión.'),
        user('Ah, perfecto. Pues es justo lo que estaba contando hace un momento.'),
        agent('Sí, lo tengo todo delante. Lo dejo resuelto hoy mismo y le confirmo por correo.'),
        user('Estupendo, muchas gracias.'),
        hangUp('operator_finished'),
      ];
    case 'cut':
      return dice.chance(0.5)
        ? [
            user(
              dice.pick(['Perdone, me entra otra llamada. Ya les llamo yo luego.', 'Uy, tengo que dejarle.']),
            ),
          ]
        : [];
    default:
      return [];
  }
}

function asksForPerson(dice: Dice): Line[] {
  return [
    user(
      dice.pick([
        'Oiga, ¿no puedo hablar con una persona?',
        'Mire, prefiero que me atienda alguien de allí.',
      ]),
    ),
    agent('Claro, le paso con un compañero. No cuelgue, por favor.'),
  ];
}

function voicemail({ topic }: Scenario, dice: Dice): Line[] {
  return [
    user('El número al que llama no está disponible. Deje su mensaje después de la señal.'),
    tool('detect_answering_machine', { window_ms: 4_000 }, { detected: true, kind: 'voicemail' }),
    agent(
      `Hola, le llamábamos por ${topic}. Volveremos a intentarlo ${dice.pick(['esta tarde', 'mañana'])}.`,
    ),
    hangUp('voicemail_left'),
  ];
}

function machine(): Line[] {
  return [
    user('Ha llamado al contestador. Si lo desea, deje un mensaje.'),
    tool('detect_answering_machine', { window_ms: 4_000 }, { detected: true, kind: 'answering_machine' }),
    hangUp('answering_machine'),
  ];
}

function silence({ greeting }: Scenario, dice: Dice): Line[] {
  return [
    agent(greeting),
    agent('¿Hola? ¿Me oye bien?'),
    ...(dice.chance(0.4) ? [user('…')] : []),
    agent('No consigo oírle, así que voy a colgar. Puede volver a llamarnos cuando quiera.'),
    hangUp('silence'),
  ];
}
