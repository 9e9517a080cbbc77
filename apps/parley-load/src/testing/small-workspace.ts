import type pg from 'pg';

/** Thirty people who all talk in six channels, with some history: enough to page through. */
export async function fillSmallWorkspace(client: pg.Client): Promise<void> {
  await client.query(`
    insert into auth.users (email, raw_user_meta_data)
    select 'person' || n || '@parley.example', jsonb_build_object('name', 'Person ' || n)
    from generate_series(1, 30) n;
    insert into public.conversations (kind, title, last_seq, version)
    select 'channel', 'channel-' || n, 150, 150 from generate_series(1, 6) n;
    insert into public.conversation_participants (conversation_id, user_id)
    select conversations.id, users.id from public.conversations, auth.users;
    insert into public.messages (conversation_id, seq, sender_id, body)
    select conversations.id, seq, person.id, 'Message ' || seq || ' about the timetable'
    from public.conversations
    cross join generate_series(1, 150) seq
    join (select id, row_number() over (order by email) - 1 as place from auth.users) person
      on person.place = seq % 30;
  `);
}
