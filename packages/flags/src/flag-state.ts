import { ErrorCode } from '@openfeature/core';
import { ServerProviderEvents } from '@openfeature/server-sdk';
import type { OpenFeatureEventEmitter } from '@openfeature/server-sdk';
import { segmentsOf } from './evaluation/flag-evaluator.ts';
import type { FlagBackup } from './flag-backup.ts';
import { changedFlags, loadFlags } from './flag-document.ts';
import type { LoadedFlags } from './flag-document.ts';
import type { FlagLog } from './flag-log.ts';
import type { FlagSnapshot } from './flag-source.ts';

/** What a provider knows now, and what it makes of what its source reports. */
export interface FlagState {
  /** The last good flags; undefined as long as there were none. */
  flags(): LoadedFlags | undefined;
  /** Whether it is known what is published: false before the source or a backup has told, even that it is nothing. */
  isKnown(): boolean;
  segmentsOf(targetingKey: string): readonly string[];
  /** Takes the backup, or else the bootstrap, as the flags to begin with. Never rejects. */
  restore(bootstrap: FlagSnapshot | undefined): Promise<void>;
  accept(this: void, snapshot: FlagSnapshot): void;
  reportProblem(this: void, error: Error): void;
  reportAnswer(this: void, answer: { readonly published: boolean }): void;
  /** Resolves when the backup holds what was accepted last, or could not be written. */
  settled(): Promise<void>;
}

type Health = 'ready' | 'stale' | 'error';

export function flagState({
  events,
  backup,
  log,
}: {
  readonly events: OpenFeatureEventEmitter;
  readonly backup: FlagBackup | undefined;
  readonly log: FlagLog;
}): FlagState {
  let current: LoadedFlags | undefined;
  let fallback: LoadedFlags | undefined;
  /** Whether `current` came from the source in this process, not from a file of an earlier one. */
  let confirmed = false;
  let answered = false;
  let sourceProblem: Error | undefined;
  let documentProblem: Error | undefined;
  let health: Health = 'ready';
  let written: Promise<void> = Promise.resolve();

  const replace = (next: LoadedFlags | undefined): void => {
    const flagsChanged =
      next === undefined ? [...(current?.flags.keys() ?? [])] : changedFlags(current, next);
    current = next;
    if (flagsChanged.length === 0) return;
    log.info({ revision: next?.snapshot.revision ?? 0, flagsChanged }, 'flags changed');
    events.emit(ServerProviderEvents.ConfigurationChanged, { flagsChanged });
  };

  const updateHealth = (): void => {
    const before = health;
    const problem = documentProblem ?? sourceProblem;
    if (problem === undefined) health = 'ready';
    else health = documentProblem === undefined && current !== undefined ? 'stale' : 'error';
    if (health === before) return;
    const revision = current?.snapshot.revision ?? 0;
    if (problem === undefined) {
      log.info({ revision }, 'flags are up to date again');
      events.emit(ServerProviderEvents.Ready);
      return;
    }
    log.warn({ revision, err: problem }, 'flags may be out of date');
    if (health === 'stale') events.emit(ServerProviderEvents.Stale, { message: problem.message });
    else {
      const errorCode = documentProblem === undefined ? ErrorCode.PROVIDER_NOT_READY : ErrorCode.PARSE_ERROR;
      events.emit(ServerProviderEvents.Error, { message: problem.message, errorCode });
    }
  };

  const keep = (snapshot: FlagSnapshot): void => {
    if (backup === undefined) return;
    written = backup.write(snapshot).catch((error: unknown) => {
      log.warn({ err: error }, 'the backup of the flags could not be written');
    });
  };

  const forget = (): void => {
    if (backup === undefined) return;
    written = backup.remove().catch((error: unknown) => {
      log.warn({ err: error }, 'the backup of earlier flags could not be removed');
    });
  };

  const readBackup = async (): Promise<LoadedFlags | undefined> => {
    try {
      const snapshot = await backup?.read();
      return snapshot === undefined ? undefined : loadFlags(snapshot);
    } catch (error) {
      log.warn({ err: error }, 'the backup of the flags is ignored');
      return undefined;
    }
  };

  const readBootstrap = (bootstrap: FlagSnapshot | undefined): LoadedFlags | undefined => {
    try {
      return bootstrap === undefined ? undefined : loadFlags(bootstrap);
    } catch (error) {
      log.warn({ err: error }, 'the flags to start with are ignored');
      return undefined;
    }
  };

  return {
    flags: () => current,
    isKnown: () => answered || current !== undefined,
    segmentsOf: (targetingKey) => segmentsOf(current?.snapshot.segments ?? new Map(), targetingKey),
    async restore(bootstrap) {
      fallback = readBootstrap(bootstrap);
      current = (await readBackup()) ?? fallback;
    },
    accept(snapshot) {
      try {
        const next = loadFlags(snapshot, current);
        documentProblem = undefined;
        sourceProblem = undefined;
        confirmed = true;
        replace(next);
        keep(next.snapshot);
      } catch (error) {
        documentProblem = error instanceof Error ? error : new Error(String(error));
        log.warn({ err: documentProblem }, 'these flags are refused; the last good ones stay');
      }
      updateHealth();
    },
    reportProblem(error) {
      sourceProblem = error;
      updateHealth();
    },
    reportAnswer({ published }) {
      answered = true;
      sourceProblem = undefined;
      // A backup speaks for a source that is away. One that is there and has nothing is another one, or was emptied:
      // flags of an earlier life must not switch on what its database does not have.
      if (!published && !confirmed && current !== fallback) {
        replace(fallback);
        forget();
      } else if (!published && confirmed) {
        sourceProblem = new Error('flags were published before, and now the source has none');
      }
      updateHealth();
    },
    settled: async () => await written,
  };
}
