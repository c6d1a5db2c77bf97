import type { Dice } from '../../dice.ts';

const FAMILY_NAMES = '김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 남궁'.split(' ');
const FIRST_SYLLABLES = [...'가나다도라마보새소슬아여예유은지하해'];
const SECOND_SYLLABLES = [...'람온늘솔별결빛담율란진윤원림봄샘'];

/** A made-up full name, put together from syllables. */
export function personName(dice: Dice): string {
  return `${dice.pick(FAMILY_NAMES)}${dice.pick(FIRST_SYLLABLES)}${dice.pick(SECOND_SYLLABLES)}`;
}
