import { agent, type Line, user } from '../../conversation.ts';
import type { Dice } from '../../dice.ts';
import { readOut, withParticle } from '../../korean.ts';

/** What an agent says before it looks something up. */
export function holdOn(dice: Dice): string {
  return dice.pick([
    '네, 잠시만요. 확인해 보겠습니다.',
    '확인해 드릴게요. 잠시만 기다려 주세요.',
    '네, 바로 조회해 보겠습니다.',
    '잠시만 기다려 주시겠어요? 금방 확인해 드릴게요.',
  ]);
}

/** A listener's short yes. */
export function yes(dice: Dice): string {
  return dice.pick(['네.', '네, 맞아요.', '네네.', '아, 네. 맞습니다.', '어, 네.']);
}

/** How a customer says goodbye, and the agent's answer. */
export function goodbye(dice: Dice): Line[] {
  return [
    user(
      dice.pick(['네, 감사합니다.', '네, 알겠습니다. 수고하세요.', '네, 고맙습니다.', '네네, 들어가세요.']),
    ),
    agent(
      dice.pick([
        '감사합니다. 좋은 하루 보내세요.',
        '네, 전화 주셔서 감사합니다.',
        '감사합니다. 편안한 하루 보내세요.',
      ]),
    ),
  ];
}

/** The customer gives digits; now and then the agent mishears the last one and is corrected. */
export function giveDigits(dice: Dice, digits: string, lead = ''): Line[] {
  const spoken = withParticle(readOut(digits), '이요/요');
  const given = user(`${lead}${dice.pick(['', '', '어… ', '잠깐만요, '])}${spoken}.`);
  if (!dice.chance(0.3)) return [given];
  const last = digits.slice(-1);
  const misheard = `${digits.slice(0, -1)}${(Number(last) + dice.int(1, 8)) % 10}`;
  return [
    given,
    agent(`${misheard} 맞으실까요?`),
    user(`아니요, 마지막이 ${withParticle(readOut(last), '이에요/예요')}. ${spoken}.`),
    agent(`네, 죄송합니다. ${digits} 확인했습니다.`),
  ];
}

/** Sometimes the line is bad for a moment and the agent has to say it again. */
export function badLine(dice: Dice, again: string, share = 0.2): Line[] {
  if (!dice.chance(share)) return [];
  return [
    user(dice.pick(['여보세요? 잘 안 들리는데요.', '네? 뭐라고요? 지금 밖이라 좀 시끄러워서요.'])),
    agent(
      `${dice.pick(['죄송합니다. 다시 말씀드릴게요.', '네, 조금 더 천천히 말씀드리겠습니다.'])} ${again}`,
    ),
  ];
}
