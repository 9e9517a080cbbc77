import { duringARun } from './during-a-run.ts';
import { fillBegins } from './milestones.ts';
import type { Scene } from './scene.ts';

/**
 * No accident: somebody changes the database behind everybody's back, while people still write and when they have gone. Every
 * check of a trial must notice its part of it; a trial that passes in spite of it proves nothing when it passes otherwise.
 */
export const sabotage = duringARun<null>({
  name: 'sabotage',
  about:
    'the controller is killed by a stranger; what people wrote is deleted, changed and doubled, an old message is changed, an ' +
    'index is gone',
  draw: () => null,
  async inflict(scene) {
    await killUnseen(scene);
    await scene.runEnds();
    await change(
      scene,
      `delete from public.messages where id = (
         select id from public.messages m where client_id is not null
           and not exists (select from public.messages answer where answer.thread_id = m.id)
         order by created_at limit 1)`,
    );
  },
  async afterwards(scene) {
    const newest = `select id from public.messages where client_id is not null order by created_at desc`;
    await change(scene, `delete from public.messages where id = (${newest} limit 1)`);
    await change(scene, `update public.messages set body = body || '!' where id = (${newest} limit 1)`);
    await change(
      scene,
      `insert into public.messages (conversation_id, seq, sender_id, body, client_id)
         select conversation_id, seq + 1000, sender_id, body, 'again' from public.messages where id = (${newest} limit 1)`,
    );
    await change(
      scene,
      `update public.messages set body = body || '!' where id = (
         select id from public.messages where external_id is not null order by external_id limit 1)`,
    );
    await scene.direct.query('drop index public.messages_created_at');
  },
});

/**
 * The same for those who are served: from the run's end on, reading goes well and sending fails. As with an accident that
 * takes Parley's database away, single failed requests are no problem; that nobody can write any more is.
 */
export const sendsRefused = duringARun<null>({
  draw: () => null,
  name: 'sends-refused',
  about: 'nothing that people send is stored any more',
  requestsMayFail: true,
  async inflict(scene) {
    await scene.runEnds();
    await scene.direct.query(
      `create function public.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
       create trigger refuse before insert on public.messages for each row execute function public.refuse()`,
    );
    scene.done.push('every insert of a message refused');
  },
  async afterwards(scene) {
    await scene.direct.query('drop function public.refuse() cascade');
  },
});

/** By its id alone, as the system does it that has no memory left. */
async function killUnseen(scene: Scene): Promise<void> {
  if (!(await scene.journalReaches(fillBegins)))
    throw new Error('the run ended before the controller was killed');
  const pid = scene.controllers[0]?.pid;
  if (pid === undefined) throw new Error('there is no controller to kill');
  process.kill(pid, 'SIGKILL');
  scene.done.push(`process ${pid} killed`);
}

/** @throws Error when it did not change one row: then there is nothing to be noticed. */
async function change(scene: Scene, sql: string): Promise<void> {
  const { rowCount } = await scene.direct.query(sql);
  if (rowCount !== 1) throw new Error(`expected one row to change, not ${rowCount}: ${sql}`);
  scene.done.push(sql);
}
