import { agent, type Line, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { dayOf, euros, inWords, lastMonth } from '../spanish.ts';
import { course } from './course.ts';
import { firstName } from './people.ts';
import { badLine, goodbye, holdOn, yes } from './phrases.ts';

const GREETING =
  'Buenas, le llamo de Lumbrea Energía, soy un asistente virtual. Es por su factura de la luz. ¿Tiene un minuto?';

/** The energy supplier calls about a bill: unpaid, higher than usual, or better paid in parts. */
export const energyBill: Scenario = {
  name: 'energy_bill',
  topic: 'su factura de la luz',
  greeting: GREETING,
  branches: [course(5, unpaidBill), course(3, tooHigh), course(2, inParts)],
};

function identify({ dice, customer }: Setting): Line[] {
  return [
    agent(`¿Hablo con ${customer}?`),
    user(dice.pick(['Sí, dígame.', 'Sí, soy yo.', 'El mismo nombre que pone en el contrato, sí.'])),
  ];
}

function unpaidBill(setting: Setting): Line[] {
  const { dice, callAtMs, customer } = setting;
  const cents = dice.int(3_100, 14_500);
  const deadline = dayOf(callAtMs, dice.int(4, 10));
  const contract = dice.digits(9);
  return [
    agent(GREETING),
    user('Bueno, si es rápido.'),
    ...identify(setting),
    agent(
      `El banco nos ha devuelto el recibo de ${lastMonth(callAtMs)}, que son ${euros(cents)}. ¿Lo sabía?`,
    ),
    user(dice.pick(['Pues no, ni idea.', 'Sí, es que cambié de cuenta y se me pasó.'])),
    agent('No se preocupe. Puedo mandarle un enlace para pagarlo con tarjeta, ¿le parece?'),
    user('Vale, mándemelo.'),
    tool(
      'enviar_enlace_pago',
      { contrato: contract, importe: cents / 100, moneda: 'EUR' },
      { enviado: true, caduca: deadline.iso },
    ),
    agent(`Ya lo tiene en su móvil. Puede pagar hasta el ${deadline.spoken}.`),
    ...badLine(dice, `El plazo acaba el ${deadline.spoken}.`),
    user('¿Y me van a cobrar algún recargo?'),
    agent(`No, ${firstName(customer)}. Si lo paga dentro del plazo, no hay ningún recargo.`),
    ...goodbye(dice),
  ];
}

function tooHigh(setting: Setting): Line[] {
  const { dice, callAtMs } = setting;
  const cents = dice.int(9_000, 21_000);
  const share = dice.int(30, 70);
  return [
    agent(GREETING),
    user('Sí, mire, precisamente quería llamarles yo, porque menuda factura.'),
    ...identify(setting),
    agent(holdOn(dice)),
    tool(
      'consumo_mensual',
      { periodo: lastMonth(callAtMs) },
      { kwh: dice.int(320, 780), variacion: share / 100, importe: cents / 100 },
    ),
    agent(
      `En ${lastMonth(callAtMs)} fueron ${euros(cents)}, un ${share} por ciento más que el año anterior. ¿Ha puesto algún aparato nuevo?`,
    ),
    user(dice.pick(['Ah, pues sí, un termo eléctrico.', 'La calefacción, que la hemos tenido todo el día.'])),
    agent('Eso lo explicaría. Con la tarifa nocturna gastaría menos; ¿le mando una comparativa?'),
    user(`${yes(dice)} Al correo, si puede ser.`),
    tool('enviar_comparativa', { canal: 'correo', tarifas: ['plana', 'nocturna'] }, { enviado: true }),
    agent('Enviada. Mírela con calma y, si le convence, nos llama y la cambiamos.'),
    ...goodbye(dice),
  ];
}

function inParts(setting: Setting): Line[] {
  const { dice, callAtMs } = setting;
  const parts = dice.int(2, 4);
  const cents = dice.int(2_000, 6_000) * parts;
  const first = dayOf(callAtMs, dice.int(5, 12));
  return [
    agent(GREETING),
    user('Sí, ya sé lo que me va a decir.'),
    ...identify(setting),
    agent(`Tiene pendientes ${euros(cents)}. ¿Cuándo cree que podrá pagarlos?`),
    user('Uf, de golpe imposible. ¿No se puede fraccionar?'),
    agent(holdOn(dice)),
    tool(
      'simular_plazos',
      { importe: cents / 100, plazos: parts },
      { cuota: cents / parts / 100, primera: first.iso },
    ),
    agent(
      `Sí, puede pagarlo en ${inWords(parts)} cuotas de ${euros(cents / parts)}. La primera, el ${first.spoken}.`,
    ),
    user('Así ya me viene mejor. Adelante.'),
    tool('crear_plan_pago', { plazos: parts, primera: first.iso }, { estado: 'aceptado' }),
    agent('Queda hecho. Recibirá el acuerdo por correo; no tiene que firmar nada.'),
    ...goodbye(dice),
  ];
}
