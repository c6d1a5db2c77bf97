import type { Dice } from '../../dice.ts';

const FIRST_NAMES =
  'Aitana Begoña Candela Elvira Inés Leire Marta Noa Rocío Yolanda Adrián Bruno Eloy Gonzalo Iván Lucas Mateo Óscar Saúl Unai';
const SURNAMES =
  'Albarracín Bermejo Cañizares Dueñas Echevarría Fuentecilla Garrido Ibáñez Lozano Montoro Núñez Olmedo Peñalver Quirós Reverte Sanchís Tejedor Villalba';

/** A made-up full name with its two surnames. */
export function personName(dice: Dice): string {
  const surnames = SURNAMES.split(' ');
  return `${dice.pick(FIRST_NAMES.split(' '))} ${dice.pick(surnames)} ${dice.pick(surnames)}`;
}

/** How one is addressed who has just given a full name. */
export function firstName(fullName: string): string {
  return fullName.split(' ')[0] ?? fullName;
}
