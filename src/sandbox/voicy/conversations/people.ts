import type { Dice } from '../../dice.ts';

const WOMEN = ['נועה', 'תמר', 'יעל', 'מיכל', 'שירה', 'הדס', 'רונית', 'אביגיל'];
const MEN = ['איתי', 'עומר', 'יונתן', 'אורי', 'דניאל', 'גלעד', 'אסף', 'נדב'];
const FAMILIES = 'לוי מזרחי פרץ ביטון גולן שגיא ברקת נחום אזולאי הררי בן-דוד סלומון'.split(' ');

/** A made-up full name. */
export function personName(dice: Dice): string {
  return `${dice.pick([...WOMEN, ...MEN])} ${dice.pick(FAMILIES)}`;
}

/** The name that people are addressed by. */
export function firstName(fullName: string): string {
  return fullName.split(' ', 1)[0] ?? fullName;
}

export function isWoman(fullName: string): boolean {
  return WOMEN.includes(firstName(fullName));
}

/** Picks the form of a word that fits a person: Hebrew verbs and adjectives have two. */
export function formFor(fullName: string): (masculine: string, feminine: string) => string {
  return (masculine, feminine) => (isWoman(fullName) ? feminine : masculine);
}
