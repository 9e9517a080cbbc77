import { afterAll, beforeAll, it } from 'vitest';
import { call } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';
import { openSocket } from '../testing/test-socket.ts';
let parley: ParleyFixture;
let a: TestPerson;
let b: TestPerson;
let server: Awaited<ReturnType<ParleyFixture['startServer']>>;
beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer({ workspace: { name: 'x', signUp: true } });
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  a = await parley.addPerson('Ana-Maria');
  b = await parley.addPerson('Ben');
});
afterAll(async () => await parley.close());
const say = (...x: unknown[]) =>
  process.stdout.write(
    x
      .map((y) => (typeof y === 'string' ? y : JSON.stringify(y)))
      .join(' ')
      .slice(0, 600) + '\n',
  );
it('garbage', async () => {
  const raw = async (method: 'PUT' | 'POST' | 'PATCH', url: string, payload: string) => {
    const r = await server.app.inject({
      method,
      url,
      headers: { ...a.authorization, 'content-type': 'application/json' },
      payload,
    });
    say(method, url, payload.slice(0, 40), r.statusCode, r.body.slice(0, 200));
  };
  await raw('PUT', '/v1/me/settings', '{"a":' + '['.repeat(3000) + ']'.repeat(3000) + '}');
  await raw('PUT', '/v1/me/settings', '{"a":' + '['.repeat(30000) + ']'.repeat(30000) + '}');
  await raw('PUT', '/v1/me/settings', '{"a":"\\ud800"}');
  await raw('PUT', '/v1/me/settings', '{"\\ud800":1}');
  await raw('PUT', '/v1/me/settings', '{"a\\u0000":1}');
  await raw('PUT', '/v1/me/settings', '{"a":1e400}');
  await raw('PUT', '/v1/me/settings', '[]');
  await raw('PUT', '/v1/me/settings', 'null');
  await raw('PUT', '/v1/me/settings', '{"constructor":{"prototype":1},"__proto__":{"x":1}}');
  await raw('PATCH', '/v1/me', '{"name":"a\\n\\u202Eb"}');
  await raw('PATCH', '/v1/me', '{"name":"\\u200b"}');
  await raw('POST', '/v1/signup', '{"name":"\\u200b","email":"ø@parley.example","password":"0123456789"}');
  await raw('POST', '/v1/signup', '{"name":"\\n\\u202E","email":"o@parley.example","password":"0123456789"}');
  const id = await parley.addConversation([a]);
  for (const text of [
    `${id} a\0b`,
    `${id} \ud800`,
    'x'.repeat(36) + ' a',
    `${'-'.repeat(36)} a`,
    `${id} ${'x'.repeat(600)}`,
  ]) {
    const r = await call(
      server.app,
      `/v1/conversations/${id}/members?after=${Buffer.from(text).toString('base64url')}`,
      { as: a },
    );
    say('cursor', text.slice(0, 50), r.status, r.body as object);
  }
  for (const q of ['%00', '%ED%A0%80', '%', 'a'.repeat(101), '%5C', "'"]) {
    for (const u of ['/v1/people?q=', '/v1/channels?q=', `/v1/conversations/${id}/members?q=`]) {
      const r = await call(server.app, u + q, { as: a });
      if (r.status !== 200) say(u + q.slice(0, 10), r.status, r.body as object);
    }
  }
  for (const q of ['ids=', 'ids=,', 'ids=a', 'limit=0', 'limit=51', 'q=maria']) {
    const r = await call(server.app, '/v1/people?' + q, { as: a });
    say(q, r.status, r.body as object);
  }
  const j = await server.app.inject({
    method: 'POST',
    url: `/v1/conversations/${id}/join`,
    headers: b.authorization,
  });
  say('join no body', j.statusCode, j.body);
  const lo = await server.app.inject({
    method: 'PATCH',
    url: `/v1/conversations/${id}`,
    headers: a.authorization,
    payload: { title: '   ' },
  });
  say('blank title', lo.statusCode, lo.body);
});
it('typing to own other device', async () => {
  const id = await parley.addConversation([a, b]);
  const [one, two] = [await openSocket(server.app, a), await openSocket(server.app, a)];
  one.socket.emit('typing', { conversationId: id });
  await new Promise((r) => setTimeout(r, 500));
  say('own other device heard', two.heard);
  one.close();
  two.close();
});
it('timing', async () => {
  await parley.sql(
    `INSERT INTO auth.users (email, raw_user_meta_data) SELECT 'p' || n || '@x.example', jsonb_build_object('name', 'Pérson Nümber' || n) FROM generate_series(1, 10000) n`,
  );
  await parley.sql('ANALYZE');
  say(
    (
      await parley.sql(
        `select current_setting('server_version') v, datcollate, datctype, pg_encoding_to_char(encoding) e from pg_database where datname = current_database()`,
      )
    )[0],
  );
  const [d] = await parley.sql("INSERT INTO conversations (kind, title) VALUES ('direct', '') RETURNING id");
  await parley.sql(
    'INSERT INTO conversation_participants (conversation_id, user_id) SELECT $1, unnest($2::uuid[])',
    [d?.['id'], [a.id, b.id]],
  );
  for (const q of ['q=number77', 'q=zzz', 'q=p', '', 'q=' + encodeURIComponent('NÜMBER5')]) {
    const times: number[] = [];
    let n = 0;
    for (let i = 0; i < 7; i++) {
      const t = performance.now();
      const r = await call<{ people: { name: string }[] }>(server.app, '/v1/people?' + q, { as: a });
      times.push(performance.now() - t);
      n = r.body.people.length;
    }
    say(
      'people',
      q,
      n,
      times.sort((x, y) => x - y).map((t) => t.toFixed(0)),
    );
  }
  const r = await call<{ people: { name: string }[] }>(server.app, '/v1/people', { as: a });
  say(r.body.people.slice(0, 4).map((p) => p.name));
});
