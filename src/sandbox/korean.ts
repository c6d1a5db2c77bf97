const PARTICLES = {
  '은/는': ['은', '는'],
  '이/가': ['이', '가'],
  '을/를': ['을', '를'],
  '과/와': ['과', '와'],
  '으로/로': ['으로', '로'],
  '이에요/예요': ['이에요', '예요'],
  '이고/고': ['이고', '고'],
  '이요/요': ['이요', '요'],
  '이라/라': ['이라', '라'],
} as const;

type Particle = keyof typeof PARTICLES;

/** Korean readings of the digits end in a consonant for 0, 1, 3, 6, 7 and 8; in ㄹ for 1, 7 and 8. */
const DIGITS_WITH_FINAL = '013678';
const DIGITS_WITH_RIEUL = '178';
const HANGUL_FIRST = 0xac00;
const HANGUL_LAST = 0xd7a3;
const FINALS = 28;
const RIEUL = 8;

/** The word with the form of the particle that its last sound asks for: `예약을`, `주소를`, `3시로`, `30분으로`. */
export function withParticle(word: string, particle: Particle): string {
  const [afterConsonant, afterVowel] = PARTICLES[particle];
  const final = finalSound(word.at(-1) ?? '');
  const consonant = particle === '으로/로' ? final === 'consonant' : final !== 'vowel';
  return `${word}${consonant ? afterConsonant : afterVowel}`;
}

function finalSound(character: string): 'vowel' | 'rieul' | 'consonant' {
  if (character !== '' && DIGITS_WITH_RIEUL.includes(character)) return 'rieul';
  if (character !== '' && DIGITS_WITH_FINAL.includes(character)) return 'consonant';
  const code = character.charCodeAt(0);
  if (!(code >= HANGUL_FIRST && code <= HANGUL_LAST)) return 'vowel';
  const final = (code - HANGUL_FIRST) % FINALS;
  if (final === 0) return 'vowel';
  return final === RIEUL ? 'rieul' : 'consonant';
}

/** `48,500원`. */
export function won(amount: number): string {
  return `${amount.toLocaleString('en-US')}원`;
}

const SPOKEN_DIGITS = ['공', '일', '이', '삼', '사', '오', '육', '칠', '팔', '구'] as const;

/** Digits as they are read out one by one: `4821` gives `사팔이일`. */
export function readOut(digits: string): string {
  return [...digits].map((digit) => SPOKEN_DIGITS[Number(digit)] ?? digit).join('');
}

const NATIVE_COUNTS = ['', '한', '두', '세', '네', '다섯', '여섯', '일곱', '여덟', '아홉', '열'] as const;

/** A count with its counter in native numerals: `세 명`. Above ten the digits stand. */
export function counted(count: number, counter: string): string {
  const word = NATIVE_COUNTS[count];
  return word ? `${word} ${counter}` : `${count}${counter}`;
}
