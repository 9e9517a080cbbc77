import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Clients in a process of their own, so that what they do does not hold up whoever serves them. */
export interface ClientProcess {
  /** Tells it to end; resolves with what its file says it has seen. */
  finish(): Promise<unknown>;
  kill(): void;
}

type Message = { readonly type: 'begin'; readonly given: unknown } | { readonly type: 'finish' };
type Answer =
  | { readonly type: 'begun' }
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failed'; readonly why: string };

/**
 * Starts a file that calls `serveBench`, and waits until it has begun.
 * @throws Error in its own words when it cannot.
 */
export async function startClient(file: URL, given: object): Promise<ClientProcess> {
  const child = fork(file, { stdio: ['ignore', 2, 2, 'ipc'] });
  const ended = once(child, 'exit');
  const ask = async (message: Message): Promise<Answer> => {
    const answered = once(child, 'message') as Promise<[Answer]>;
    child.send(message);
    const [answer] = await Promise.race([answered, ended]);
    if (typeof answer !== 'object' || answer === null)
      throw new Error(`${file.pathname} has ended with ${String(answer)}`);
    const told = answer as Answer;
    if (told.type === 'failed') throw new Error(told.why);
    return told;
  };
  const kill = (): void => void child.kill('SIGKILL');
  try {
    await ask({ type: 'begin', given });
  } catch (error) {
    kill();
    throw error;
  }
  return {
    kill,
    async finish() {
      const answer = await ask({ type: 'finish' });
      kill();
      if (answer.type !== 'result')
        throw new Error(`${file.pathname}: expected a result, got ${answer.type}`);
      return answer.result;
    },
  };
}

/** In the process itself: begins with what was given, and tells at the end what was seen. It ends with whoever started it. */
export function serveBench(begin: (given: never) => Promise<() => Promise<unknown>>): void {
  let finish: (() => Promise<unknown>) | undefined;
  const answerTo = async (message: Message): Promise<Answer> => {
    if (message.type === 'finish') return { type: 'result', result: await finish?.() };
    finish = await begin(message.given as never);
    return { type: 'begun' };
  };
  const send = (answer: Answer): void => void process.send?.(answer);
  process.on('message', (message: Message) => {
    answerTo(message).then(send, (error: unknown) => send({ type: 'failed', why: String(error) }));
  });
  process.on('disconnect', () => process.exit());
  // Ctrl-C in a terminal is for all of its processes: whoever started this one ends it.
  process.on('SIGINT', () => undefined);
}
