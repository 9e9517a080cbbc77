import type { Message } from '../queries/message-row.ts';
import { flagsOf, historyOf, openChannel, PARTY, PASSWORD, search } from './asking.ts';
import { logIn, type PersonAt, signUp } from './person-at.ts';

/** Of a message, what does not depend on when and by whom it was written. */
const gist = ({ seq, version, body, editVersion, deletedAt, reactions, attachments }: Message) => ({
  seq,
  version,
  body,
  editVersion,
  isDeleted: deletedAt !== null,
  reactions: reactions.map(({ emoji, count, mine }) => `${emoji} ${count} ${mine ? 'mine' : ''}`),
  files: attachments.map(({ name, sizeBytes }) => `${name} ${sizeBytes}`),
});

/** Two people do all that one does in a messenger. @returns what they were answered */
export async function dayAt(url: string, day: string) {
  const [ana, bo] = [await join(url, 'ana', day), await join(url, 'bo', day)];
  const room = await openChannel(ana, bo, 'general');
  const first = await ana.send(room, 'Is line 7 late?');
  const second = await bo.send(room, 'A tram is never late');
  const third = await bo.send(room, 'I take that back');
  await bo.ask('PATCH', `/v1/messages/${second.id}`, { body: 'A tram is seldom late' });
  await bo.ask('DELETE', `/v1/messages/${third.id}`);
  await ana.ask('PUT', `/v1/messages/${second.id}/reactions/${PARTY}`);
  const file = await ana.upload(room, 'timetable.txt', 'line 7: 8.10, 8.30');
  const withFile = await ana.send(room, 'This is the timetable', [file.id]);
  const page = await historyOf(ana, room);
  const found = await search(bo, 'line 7');
  const changed = await ana.ask<{ messages: Message[] }>(
    'GET',
    `/v1/conversations/${room}/changes?since=${first.version}`,
  );
  return {
    flags: await flagsOf(ana),
    page: { ...page, messages: page.messages.map(gist) },
    found: { ...found, results: found.results.map(gist) },
    changed: changed.messages.map(gist),
    file: await (await fetch(`${url}/v1/attachments/${file.id}`, asPerson(bo))).text(),
    lastSent: gist(withFile),
    readUpTo: await bo.ask('PUT', `/v1/conversations/${room}/read`, { seq: withFile.seq }),
  };
}

/** Makes an account, leaves, and comes back. */
async function join(url: string, name: string, day: string): Promise<PersonAt> {
  const email = `${name}-${day}@parley.example`;
  const fresh = await signUp(url, name, email, PASSWORD);
  await fresh.ask('POST', '/v1/logout', {});
  return await logIn(url, email, PASSWORD);
}
const asPerson = ({ token }: PersonAt) => ({ headers: { authorization: `Bearer ${token}` } });
