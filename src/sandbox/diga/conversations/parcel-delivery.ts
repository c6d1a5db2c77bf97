import { agent, type Line, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { clockTime, workday } from '../spanish.ts';
import { course } from './course.ts';
import { firstName } from './people.ts';
import { badLine, giveDigits, goodbye, holdOn, yes } from './phrases.ts';

const GREETING =
  'Hola, soy el asistente de Envíos Vencejo. Tenemos un paquete para usted y quería acordar la entrega.';

const SENDERS = ['una librería', 'una tienda de bicicletas', 'un vivero', 'una zapatería'] as const;

/** The carrier calls about a parcel: when to bring it, where to leave it, and an address that is not enough. */
export const parcelDelivery: Scenario = {
  name: 'parcel_delivery',
  topic: 'la entrega de un paquete',
  greeting: GREETING,
  branches: [course(5, chooseSlot), course(3, collectionPoint), course(2, wrongAddress)],
};

function chooseSlot({ dice, callAtMs, customer }: Setting): Line[] {
  const day = workday(callAtMs, dice.int(1, 3));
  const from = clockTime(dice.pick([9, 11, 16, 18]));
  const parcel = dice.digits(10);
  return [
    agent(GREETING),
    user('Ah, sí. ¿De quién es?'),
    agent(`Lo envía ${dice.pick(SENDERS)}. ¿Hablo con ${customer}?`),
    user(yes(dice)),
    agent(`¿Le iría bien el ${day.spoken}?`),
    user('Sí, pero dígame una hora, que luego nunca aparecen.'),
    agent(holdOn(dice)),
    tool('franjas_reparto', { envio: parcel, fecha: day.iso }, { franjas: [from.iso, '20:00'] }),
    agent(`Podemos pasar a partir de ${from.spoken}, en un margen de dos horas.`),
    user('Vale, a esa hora estoy en casa.'),
    tool('fijar_entrega', { envio: parcel, fecha: day.iso, desde: from.iso }, { estado: 'programada' }),
    agent(`Anotado: ${day.spoken}, desde ${from.spoken}. El repartidor le avisará antes de llegar.`),
    ...badLine(dice, `Iremos el ${day.spoken}, desde ${from.spoken}.`),
    ...goodbye(dice),
  ];
}

function collectionPoint({ dice, callAtMs, customer }: Setting): Line[] {
  const until = workday(callAtMs, dice.int(6, 9));
  const shop = dice.pick(['la papelería Garabato', 'el estanco de la plaza', 'la frutería Huerta Chica']);
  const parcel = dice.digits(10);
  return [
    agent(GREETING),
    user('Pues esta semana no voy a estar en casa ningún día.'),
    agent('No pasa nada. Se lo puedo dejar en un punto de recogida cercano. ¿Lo busco?'),
    user('Sí, mejor.'),
    tool('puntos_recogida', { envio: parcel, radio_m: 800 }, { puntos: [shop] }),
    agent(`Tiene cerca ${shop}, que abre también los sábados por la mañana.`),
    user('Esa me pilla de camino, genial.'),
    tool('desviar_envio', { envio: parcel, punto: shop }, { estado: 'desviado', hasta: until.iso }),
    agent(`Muy bien, ${firstName(customer)}. Lo guardarán hasta el ${until.spoken}. Lleve su DNI.`),
    user('¿Puede recogerlo otra persona?'),
    agent('Sí, con una autorización firmada y una copia de su DNI.'),
    ...goodbye(dice),
  ];
}

function wrongAddress({ dice, customer }: Setting): Line[] {
  const street = dice.pick(['calle del Almendro', 'avenida de la Estación', 'travesía del Molino']);
  const number = dice.int(2, 98);
  const parcel = dice.digits(10);
  return [
    agent(GREETING),
    user('Dígame, pero creo que ya vinieron ayer.'),
    agent('Sí, y no encontraron el portal: en la dirección falta el número. ¿Me la completa?'),
    user(`Es ${street}, ${number}, tercero izquierda.`),
    agent('¿Y el código postal?'),
    ...giveDigits(dice, `28${dice.digits(3)}`),
    tool(
      'corregir_direccion',
      { envio: parcel, via: street, numero: number, planta: '3.º izq.' },
      { estado: 'corregida' },
    ),
    agent(`Gracias, ${firstName(customer)}. Ya está corregida y mañana volvemos a pasar.`),
    user(dice.pick(['Por la tarde, por favor.', 'A ver si esta vez hay suerte.'])),
    agent('Le entiendo. Dejo una nota para que el repartidor le llame al llegar.'),
    ...goodbye(dice),
  ];
}
