import { describe, expect, it } from 'vitest';
import { fromBody, mentionBeingTyped, toBody } from './draft-text.ts';

const ines = '11111111-1111-4111-8111-111111111111';
const inesDuarte = '22222222-2222-4222-8222-222222222222';

describe('what stands in a composer', () => {
  it('is sent with ids in place of the names that were chosen', () => {
    const mentions = { Inês: ines, 'Inês Duarte': inesDuarte };
    expect(toBody({ text: ' @Inês Duarte and @Inês, look ', mentions })).toBe(
      `<@${inesDuarte}> and <@${ines}>, look`,
    );
  });

  it('leaves a name alone that nobody chose', () => {
    expect(toBody({ text: 'mail maja@saltmarsh.example', mentions: {} })).toBe('mail maja@saltmarsh.example');
  });

  it('is edited as it was written', () => {
    const names: Record<string, string> = { [ines]: 'Inês' };
    const draft = fromBody(`<@${ines}> hello <@${inesDuarte}>`, (id) => names[id]);
    expect(draft.text).toBe(`@Inês hello <@${inesDuarte}>`);
    expect(toBody(draft)).toBe(`<@${ines}> hello <@${inesDuarte}>`);
  });

  it.each([
    ['hello @In', { from: 6, query: 'In' }],
    ['@', { from: 0, query: '' }],
    ['(@Tomasz L', { from: 1, query: 'Tomasz L' }],
    ['@宮', { from: 0, query: '宮' }],
    ['maja@salt', undefined],
    ['no name', undefined],
  ])('knows who is being named in %j', (text, expected) => {
    expect(mentionBeingTyped(text, text.length)).toEqual(expected);
  });
});
