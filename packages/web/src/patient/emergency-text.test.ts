import { expect, test } from 'vitest';
import { emergencyText } from './emergency-text.ts';

const person = { name: 'MAK Tak Ming 麥德明', birthDate: '1942-04-20' };

test('the words of a card', () => {
  expect(
    emergencyText({ ...person, allergies: ['Penicillin'], conditions: [], medicines: ['Metformin', 'Insulin'] }),
  ).toBe(
    'EMERGENCY CARD\nMAK Tak Ming 麥德明\nBorn 1942-04-20\nALLERGIES: Penicillin\nCONDITIONS: none known\nMEDICINES: Metformin, Insulin',
  );
});

test('what does not fit is counted, and allergies go last', () => {
  const many = (what: string) => Array.from({ length: 40 }, (_, i) => `${what} number ${i}`);
  const text = emergencyText({
    ...person,
    allergies: ['Penicillin', 'Latex'],
    conditions: many('Condition'),
    medicines: many('Medicine'),
  });
  expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(620);
  expect(text).toContain('ALLERGIES: Penicillin, Latex\n');
  expect(text).toMatch(/MEDICINES: and 40 more$/);
  expect(text).toMatch(/CONDITIONS: Condition number 0.* and \d+ more\n/);
});
