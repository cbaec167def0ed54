/** Check digits of Indian identity numbers: ABHA numbers end in a Luhn digit, Aadhaar numbers in a Verhoeff digit. */

/** The Luhn (mod 10) digit to append to `body`; `body` is digits only. */
export function luhnDigit(body: string): string {
  let sum = 0;
  for (let index = 0; index < body.length; index++) {
    const digit = Number(body[body.length - 1 - index]);
    const weighted = index % 2 === 0 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return String((10 - (sum % 10)) % 10);
}

/** Product of two elements of the dihedral group of ten, on which Verhoeff's scheme rests. */
function dihedral(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : ((a + b) % 5) + 5;
  return b < 5 ? ((((a - b) % 5) + 5) % 5) + 5 : (((a - b) % 5) + 5) % 5;
}

const permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];

function permuted(digit: number, times: number): number {
  let result = digit;
  for (let round = 0; round < times % 8; round++) result = permutation[result] ?? 0;
  return result;
}

/** The Verhoeff digit to append to `body`; `body` is digits only. */
export function verhoeffDigit(body: string): string {
  let check = 0;
  for (let index = 0; index < body.length; index++) {
    check = dihedral(check, permuted(Number(body[body.length - 1 - index]), index + 1));
  }
  return String(check < 5 ? (5 - check) % 5 : check);
}
