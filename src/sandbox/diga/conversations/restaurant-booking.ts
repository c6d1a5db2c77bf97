import { agent, type Line, type Scenario, type Setting, tool, user } from '../../conversation.ts';
import { clockTime, dayOf, inWords, sentence } from '../spanish.ts';
import { course } from './course.ts';
import { firstName } from './people.ts';
import { badLine, goodbye, holdOn, yes } from './phrases.ts';

const GREETING = 'La Parra Azul, ¡hola! Le atiende el asistente de reservas. ¿Para qué día sería?';

/** The restaurant's line: a table, a change of plans, a full house. */
export const restaurantBooking: Scenario = {
  name: 'restaurant_booking',
  topic: 'su reserva de mesa',
  greeting: GREETING,
  branches: [course(5, bookTable), course(3, moreGuests), course(2, fullHouse)],
};

function bookTable({ dice, callAtMs, customer, phone }: Setting): Line[] {
  const day = dayOf(callAtMs, dice.int(1, 9));
  const time = clockTime(dice.pick([14, 21]), dice.pick([0, 30]));
  const guests = dice.int(2, 6);
  const terrace = dice.chance(0.5);
  return [
    agent(GREETING),
    user(`Hola, para el ${day.spoken}. Seríamos ${inWords(guests)}.`),
    agent('Muy bien. ¿A qué hora les gustaría venir?'),
    user(`Pues a ${time.spoken}, más o menos.`),
    agent(holdOn(dice)),
    tool(
      'consultar_mesas',
      { fecha: day.iso, hora: time.iso, comensales: guests },
      { disponible: true, zonas: ['terraza', 'salón'] },
    ),
    agent(`Tengo mesa a ${time.spoken}. ¿La prefieren en la terraza o dentro?`),
    user(terrace ? 'En la terraza, si no llueve.' : 'Mejor dentro, que luego refresca.'),
    agent('¿Hay alguien con alguna alergia o que no coma algo?'),
    user(dice.pick(['Una persona celíaca.', 'No, comemos de todo.', 'Dos somos vegetarianos.'])),
    agent('Tomo nota. ¿A qué nombre la dejo?'),
    user(`A nombre de ${customer}.`),
    tool(
      'crear_reserva',
      {
        nombre: customer,
        telefono: phone,
        fecha: day.iso,
        hora: time.iso,
        comensales: guests,
        terraza: terrace,
      },
      { estado: 'confirmada', codigo: dice.code(5) },
    ),
    agent(`Listo, ${firstName(customer)}: mesa para ${inWords(guests)} el ${day.spoken} a ${time.spoken}.`),
    ...badLine(dice, `Mesa para ${inWords(guests)}, el ${day.spoken}.`),
    ...goodbye(dice),
  ];
}

function moreGuests({ dice, callAtMs, customer }: Setting): Line[] {
  const day = dayOf(callAtMs, dice.int(1, 5));
  const guests = dice.int(2, 5);
  const code = dice.code(5);
  return [
    agent(GREETING),
    user(`Ya tengo mesa el ${day.spoken}, pero al final vamos a ser más.`),
    agent('Sin problema, lo miro. ¿A qué nombre está la reserva?'),
    user(`${customer}.`),
    tool('buscar_reserva', { nombre: customer, fecha: day.iso }, { codigo: code, comensales: guests }),
    agent(`Aquí la veo, para ${inWords(guests)}. ¿Cuántos van a ser ahora?`),
    user(`${sentence(inWords(guests + 2))}. Y vendrá un bebé, así que nos haría falta una trona.`),
    tool(
      'cambiar_reserva',
      { codigo: code, comensales: guests + 2, tronas: 1 },
      { estado: 'confirmada', mesas_juntas: true },
    ),
    agent(
      `Hecho. Juntamos dos mesas y les dejo una trona. Serían ${inWords(guests + 2)} y el bebé, ¿verdad?`,
    ),
    user(yes(dice)),
    agent('Pues les esperamos. Si hay cualquier otro cambio, llámenos sin problema.'),
    ...goodbye(dice),
  ];
}

function fullHouse({ dice, callAtMs, customer, phone }: Setting): Line[] {
  const day = dayOf(callAtMs, dice.int(0, 2));
  const time = clockTime(21, 30);
  const guests = dice.int(4, 8);
  return [
    agent(GREETING),
    user(`¿Os queda algo para el ${day.spoken} por la noche? Somos ${inWords(guests)}.`),
    agent(holdOn(dice)),
    tool(
      'consultar_mesas',
      { fecha: day.iso, hora: time.iso, comensales: guests },
      { disponible: false, zonas: [] },
    ),
    agent('Me temo que esa noche estamos completos. ¿Le apunto en la lista de espera?'),
    user(dice.pick(['Qué faena… Bueno, sí, apúntame.', 'Vale, por si acaso.'])),
    agent('¿A qué nombre, por favor?'),
    user(`${customer}, y el teléfono es este mismo.`),
    tool(
      'lista_espera',
      { nombre: customer, telefono: phone, fecha: day.iso, comensales: guests },
      { posicion: dice.int(1, 5) },
    ),
    agent('Apuntado. Si se libera una mesa, le llamamos enseguida.'),
    user('¿Y suele haber cancelaciones?'),
    agent('Los días de diario bastantes; en fin de semana, menos.'),
    ...goodbye(dice),
  ];
}
