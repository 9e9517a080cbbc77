import type { Clone } from './clone.ts';
import type { Proof } from './machine.ts';
import { lastWords } from './run-command.ts';

/** A migration of about ten seconds under a small load: every part of the product takes part in it. */
const shortStart = (
  'npm start -- --exit --plan apps/cli/src/testing/ten-second-plan ' +
  '--speed 60000 --messages 1000 --people 10 --rate 30'
).split(' ');
const startLimitMs = 180_000;

/** `crossfade doctor` finds no problem, and `npm start` carries a plan out, with nothing lost. */
export async function startsAndEnds(clone: Clone): Promise<Proof> {
  await doctorIsContent(clone);
  return await start(clone);
}

/** Two demonstrations at the same time do not meet; a second one in the same clone is refused. */
export async function startsTwice(clone: Clone): Promise<Proof> {
  await doctorIsContent(clone);
  const elsewhere = ['env', 'CROSSFADE_FOLDER=.crossfade/second', ...shortStart];
  const [one] = await Promise.all([
    start(clone, shortStart, async () => {
      const second = await clone.run(shortStart, startLimitMs);
      if (second.code !== 2 || !/(runs here already|is in use by the process)/.test(second.text))
        throw new Error(`the second start in one clone: ${second.code}, ${lastWords(second.text)}`);
    }),
    start(clone, elsewhere),
  ]);
  return one;
}

/** The clone as on a disk that is mounted read-only, for one command. */
export const readOnly = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount --bind "$PWD" "$PWD" && mount -o remount,ro,bind "$PWD" && cd "$PWD" && exec "$@"',
  'sh',
];

/** Nothing can be written: doctor says so, and so does the start, in words and not with a stack. */
export async function refusesReadOnly(clone: Clone): Promise<Proof> {
  const doctor = await clone.run([...readOnly, 'npx', '--no-install', 'crossfade', 'doctor'], 60_000);
  if (doctor.code !== 1 || !doctor.text.includes('cannot write'))
    throw new Error(`doctor: ${doctor.code}, ${lastWords(doctor.text)}`);
  const started = await clone.run([...readOnly, ...shortStart], startLimitMs);
  const isExplained = /(EACCES|EROFS|permission|cannot write)/.test(started.text);
  if (started.code === 0 || !isExplained || /\n\s+at /.test(started.text))
    throw new Error(`start: ${started.code}, ${lastWords(started.text)}`);
  return { readyMs: null };
}

/** Postgres cannot work here: doctor and the start say why, and what to do. */
export async function refusesNameless(clone: Clone): Promise<Proof> {
  const commands = [['npx', '--no-install', 'crossfade', 'doctor'], shortStart];
  for (const command of commands) {
    const { code, text } = await clone.run(command, startLimitMs);
    if (code === 0 || !/has no name on this\s+system/.test(text) || /\n\s+at /.test(text))
      throw new Error(`${command.join(' ')}: ${code}, ${lastWords(text)}`);
  }
  return { readyMs: null };
}

async function doctorIsContent(clone: Clone): Promise<void> {
  const end = await clone.run(['npx', '--no-install', 'crossfade', 'doctor'], 60_000);
  if (end.code !== 0) throw new Error(`crossfade doctor: ${lastWords(end.text)}`);
}

async function start(clone: Clone, command = shortStart, whenServing?: () => Promise<void>): Promise<Proof> {
  const startMs = performance.now();
  let readyMs: number | null = null;
  const meanwhile: Promise<void>[] = [];
  const end = await clone.run(command, startLimitMs, {
    onOutput: (text) => {
      if (readyMs !== null || !text.includes('Parley serves on')) return;
      readyMs = performance.now() - startMs;
      const begun = whenServing?.();
      if (begun === undefined) return;
      begun.catch(() => undefined); // Awaited below.
      meanwhile.push(begun);
    },
  });
  await Promise.all(meanwhile);
  if (end.code !== 0) throw new Error(`npm start: ${end.code ?? 'killed'}, ${lastWords(end.text)}`);
  return { readyMs };
}
