import { expect, test } from 'vitest';
import { LONGEST_MESSAGE, readMessage } from './slack-message.ts';

const NAMES = { personNames: new Map<string, string>(), channelNames: new Map<string, string>() };
const read = (record: unknown) => readMessage(record, 'C1', NAMES);
const GOOD = { type: 'message', user: 'U1', text: 'hello', ts: '1355517523.000005' };

test.each([
  [{ ...GOOD, subtype: 'channel_join' }, 'system_channel_join'],
  [{ ...GOOD, subtype: 'Anything <else>' }, 'system_other'],
  [{ ...GOOD, subtype: 'tombstone' }, 'deleted'],
  [{ ...GOOD, subtype: 'bot_message', user: undefined }, 'bot_without_user'],
  [{ ...GOOD, user: undefined }, 'without_user'],
  [{ ...GOOD, user: 17 }, 'without_user'],
  [{ ...GOOD, user: 'U1\0 or so' }, 'bad_user'],
  [{ ...GOOD, ts: undefined }, 'missing_ts'],
  [{ ...GOOD, ts: 'yesterday' }, 'bad_ts'],
  [{ ...GOOD, text: '' }, 'empty_text'],
  [{ ...GOOD, text: ' \0 ' }, 'empty_text'],
  [{ ...GOOD, text: 'x'.repeat(LONGEST_MESSAGE + 1) }, 'too_long'],
  ['hello', 'not_an_object'],
  [null, 'not_an_object'],
])('left out, with the reason: %#', (record, reason) => {
  expect(read(record)).toEqual({ skip: reason });
});

test('a message whose mentions grow it beyond the limit is left out', () => {
  const names = { ...NAMES, personNames: new Map([['U1', 'x'.repeat(80)]]) };
  const record = { ...GOOD, text: '<@U1>'.repeat(LONGEST_MESSAGE / 10) };
  expect(readMessage(record, 'C1', names)).toEqual({ skip: 'too_long' });
});

test.each([undefined, 'thread_broadcast', 'me_message', 'file_share', 'bot_message'])(
  'kept: subtype %s of a person',
  (subtype) => {
    expect(read({ ...GOOD, subtype })).toMatchObject({ row: { body: 'hello' } });
  },
);

test('a reply names what it answers, an edited message when', () => {
  const reply = read({
    ...GOOD,
    thread_ts: '1355517000.000001',
    edited: { user: 'U1', ts: '1355517600.000000' },
  });
  expect(reply).toMatchObject({
    slackUserId: 'U1',
    row: {
      externalId: 'slack:C1:1355517523.000005',
      threadExternalId: 'slack:C1:1355517000.000001',
      createdAtSeconds: 1355517523.000005,
      editedAtSeconds: 1355517600,
    },
  });
});

test('the message that begins a thread answers nothing', () => {
  expect(read({ ...GOOD, thread_ts: GOOD.ts })).toMatchObject({ row: { threadExternalId: null } });
});

test('the same message has the same id in every run', () => {
  expect(read(GOOD)).toEqual(read({ ...GOOD, text: 'hello' }));
});
