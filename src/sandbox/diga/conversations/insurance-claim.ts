import { agent, type Line, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { dayOf, euros } from '../spanish.ts';
import { course } from './course.ts';
import { firstName } from './people.ts';
import { badLine, giveDigits, goodbye, holdOn } from './phrases.ts';

const GREETING =
  'Seguros Peñarrubia, asistente de partes. Antes de nada, ¿están todos bien? Cuénteme qué ha pasado.';

/** The insurer's line: an accident, a leak, a stolen phone. */
export const insuranceClaim: Scenario = {
  name: 'insurance_claim',
  topic: 'su parte de siniestro',
  greeting: GREETING,
  branches: [course(4, rearEnded), course(3, waterLeak), course(2, howIsMyClaim)],
};

function identify({ dice, customer }: Setting, policy: string): Line[] {
  return [
    agent('Dígame su nombre completo y las seis cifras de la póliza, por favor.'),
    user(`${customer}.`),
    ...giveDigits(dice, policy),
    agent(holdOn(dice)),
    tool('buscar_poliza', { tomador: customer, poliza: policy }, { activa: true, franquicia: 150 }),
  ];
}

function rearEnded(setting: Setting): Line[] {
  const { dice, callAtMs, customer } = setting;
  const place = dice.pick(['la rotonda del polígono', 'un semáforo del centro', 'la salida de la autovía']);
  const plate = `${dice.digits(4)} ${dice.pick(['KRB', 'LMT', 'MZD', 'JVC'])}`;
  const hurt = dice.chance(0.4);
  return [
    agent(GREETING),
    user(`Me acaban de dar un golpe por detrás en ${place}.`),
    agent('Vaya susto. ¿Se ha hecho daño alguien?'),
    user(hurt ? 'Me duele un poco el cuello, la verdad.' : 'No, no, solo la chapa.'),
    agent(
      hurt
        ? 'Entonces que le vea un médico hoy mismo; los gastos los cubre su seguro.'
        : 'Menos mal. Vamos con los datos.',
    ),
    ...identify(setting, dice.digits(6)),
    agent(`Gracias, ${firstName(customer)}. ¿Tiene la matrícula del otro coche?`),
    user(`Sí: ${plate}.`),
    tool(
      'abrir_parte',
      {
        tipo: 'alcance',
        lugar: place,
        matricula_contraria: plate,
        heridos: hurt,
        fecha: dayOf(callAtMs).iso,
      },
      { parte: `P-${dice.digits(7)}`, grua: false },
    ),
    agent('Parte abierto. ¿El coche puede circular o le mando una grúa?'),
    user('Circula, circula. Lo llevo yo al taller.'),
    ...badLine(dice, 'El parte ya está abierto y puede ir al taller que prefiera.'),
    agent('Perfecto. El perito le llamará mañana para quedar con usted.'),
    ...goodbye(dice),
  ];
}

function waterLeak(setting: Setting): Line[] {
  const { dice, callAtMs, customer } = setting;
  const room = dice.pick(['el baño', 'la cocina', 'el pasillo']);
  const cents = dice.int(18, 95) * 1_000;
  const visit = dayOf(callAtMs, dice.int(1, 3));
  return [
    agent(GREETING),
    user(`Sí, estamos bien. Es que me cae agua del techo en ${room}, creo que es del vecino de arriba.`),
    agent('Entiendo. ¿Ha podido cerrar la llave de paso?'),
    user('La mía sí, pero sigue cayendo, así que es de arriba.'),
    ...identify(setting, dice.digits(6)),
    agent(`Ya le veo, ${firstName(customer)}. ¿Le han dado algún presupuesto por los daños?`),
    user(`El pintor me ha dicho que unos ${euros(cents)}.`),
    tool(
      'abrir_parte',
      { tipo: 'agua', estancia: room, presupuesto: cents / 100 },
      { parte: `P-${dice.digits(7)}`, fontanero: visit.iso },
    ),
    agent(`Le mando un fontanero el ${visit.spoken} por la mañana. ¿Habrá alguien en casa?`),
    user(dice.pick(['Sí, yo teletrabajo.', 'Estará mi madre.'])),
    agent('Estupendo. Haga fotos de todo antes de que lleguen, que nos vendrán bien.'),
    ...goodbye(dice),
  ];
}

function howIsMyClaim(setting: Setting): Line[] {
  const { dice, callAtMs } = setting;
  const transfer = dayOf(callAtMs, dice.int(2, 6));
  const cents = dice.int(12, 80) * 1_050;
  return [
    agent(GREETING),
    user('Hola, no es nada nuevo. Quería saber cómo va un parte que di hace quince días.'),
    ...identify(setting, dice.digits(6)),
    tool('estado_parte', { ultimo: true }, { estado: 'peritado', importe: cents / 100 }),
    agent(`Está peritado, y la indemnización es de ${euros(cents)}.`),
    user(dice.pick(['¿Y cuándo me lo ingresan?', 'Ah, pues no está mal. ¿Para cuándo?'])),
    agent(`Como muy tarde, el ${transfer.spoken}, en la cuenta de siempre.`),
    user('¿Tengo que mandar algo más?'),
    agent('No, con las facturas que envió es suficiente.'),
    ...goodbye(dice),
  ];
}
