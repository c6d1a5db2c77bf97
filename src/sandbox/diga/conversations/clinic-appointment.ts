import { agent, type Line, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { clockTime, workday } from '../spanish.ts';
import { course } from './course.ts';
import { firstName } from './people.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = 'Clínica Nogalera, buenas. Soy el asistente virtual de citas. ¿En qué le puedo ayudar?';

const COMPLAINTS = [
  { specialty: 'traumatología', complaint: 'me he hecho daño en la rodilla corriendo' },
  { specialty: 'traumatología', complaint: 'llevo tres semanas con el hombro fatal' },
  { specialty: 'dermatología', complaint: 'me ha salido una mancha en el brazo y quiero que me la miren' },
  { specialty: 'medicina general', complaint: 'tengo una tos que no se me va' },
  { specialty: 'oftalmología', complaint: 'me toca la revisión de la vista' },
] as const;

/** The clinic's line: appointments are made, moved and cancelled. */
export const clinicAppointment: Scenario = {
  name: 'clinic_appointment',
  topic: 'su cita médica',
  greeting: GREETING,
  branches: [course(5, bookVisit), course(3, moveVisit), course(2, cancelVisit)],
};

function bookVisit({ dice, callAtMs, customer, phone }: Setting): Line[] {
  const { specialty, complaint } = dice.pick(COMPLAINTS);
  const day = workday(callAtMs, dice.int(1, 8));
  const early = clockTime(dice.int(9, 12), 30);
  const late = clockTime(dice.int(16, 19), dice.pick([0, 30]));
  return [
    agent(GREETING),
    user(`Hola, quería pedir cita. Es que ${complaint}.`),
    agent(`De acuerdo, le busco hueco en ${specialty}. ¿Me dice su nombre y apellidos?`),
    user(`${customer}.`),
    agent(`Gracias, ${firstName(customer)}. ¿Y las cuatro últimas cifras de su teléfono?`),
    ...giveDigits(dice, phone.slice(-4)),
    agent(holdOn(dice)),
    tool(
      'buscar_huecos',
      { especialidad: specialty, desde: day.iso },
      { fecha: day.iso, horas: [early.iso, late.iso] },
    ),
    agent(`El ${day.spoken} tengo a ${early.spoken} y a ${late.spoken}. ¿Cuál le viene mejor?`),
    user(`A ${late.spoken}, que por la mañana trabajo.`),
    tool(
      'crear_cita',
      { paciente: customer, especialidad: specialty, fecha: day.iso, hora: late.iso },
      { estado: 'confirmada', localizador: `CN-${dice.code(6)}` },
    ),
    agent(`Hecho. Le espero el ${day.spoken} a ${late.spoken}. Traiga el DNI y la tarjeta de su seguro.`),
    ...badLine(dice, `Es el ${day.spoken}, a ${late.spoken}.`),
    ...goodbye(dice),
  ];
}

function moveVisit({ dice, callAtMs, customer, phone }: Setting): Line[] {
  const before = workday(callAtMs, 1);
  const after = workday(callAtMs, dice.int(6, 12));
  const time = clockTime(dice.pick([10, 11, 17, 18]), dice.pick([0, 30]));
  const booking = `CN-${dice.code(6)}`;
  return [
    agent(GREETING),
    user('Buenas, tengo una cita cogida y no voy a poder ir. ¿Me la podéis cambiar?'),
    agent('Por supuesto. ¿A nombre de quién está?'),
    user(`A nombre de ${customer}.`),
    agent('¿Y me confirma las cuatro últimas cifras del teléfono, por favor?'),
    ...giveDigits(dice, phone.slice(-4)),
    tool(
      'buscar_cita',
      { paciente: customer, telefono: phone },
      { localizador: booking, fecha: before.iso, hora: time.iso },
    ),
    agent(`Veo una cita el ${before.spoken} a ${time.spoken}. ¿Es esa?`),
    user(`${yes(dice)} Me ha salido un viaje de trabajo.`),
    agent('Entiendo. ¿Para cuándo la quiere?'),
    user(`Si puede ser, el ${after.spoken} a la misma hora.`),
    agent(holdOn(dice)),
    tool(
      'mover_cita',
      { localizador: booking, fecha: after.iso, hora: time.iso },
      { estado: 'confirmada', localizador: booking },
    ),
    agent(`Pues ya está: ${after.spoken}, a ${time.spoken}. Le llegará un mensaje con los datos.`),
    ...goodbye(dice),
  ];
}

function cancelVisit({ dice, callAtMs, customer }: Setting): Line[] {
  const day = workday(callAtMs, dice.int(1, 4));
  const booking = `CN-${dice.code(6)}`;
  return [
    agent(GREETING),
    user(`Hola, soy ${customer}. Llamaba para anular una cita.`),
    agent(`Buenas, ${firstName(customer)}. ${holdOn(dice)}`),
    tool('buscar_cita', { paciente: customer }, { localizador: booking, fecha: day.iso }),
    agent(`Tiene una el ${day.spoken}. ¿La anulo?`),
    user(dice.pick(['Sí, que ya me encuentro mejor.', 'Sí, por favor. Ya pediré otra más adelante.'])),
    tool('anular_cita', { localizador: booking, motivo: 'paciente' }, { estado: 'anulada' }),
    agent('Anulada, y sin ningún coste. ¿Le busco otra fecha?'),
    user('No, de momento no hace falta.'),
    agent('De acuerdo. Aquí estamos para lo que necesite.'),
    ...goodbye(dice),
  ];
}
