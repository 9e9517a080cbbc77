import { useRef, useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Attachment } from '../api/types.ts';
import { say } from '../app/announcer.ts';
import { t } from '../texts/index.ts';
import { sizeOf } from './long-text.tsx';

interface Upload {
  readonly key: number;
  readonly name: string;
  /** undefined while it is on its way. */
  readonly attachment: Attachment | undefined;
}

const mostBytes = 10_000_000;
const mostFiles = 10;

export interface Uploads {
  readonly all: readonly Upload[];
  readonly done: readonly Attachment[];
  readonly isBusy: boolean;
  /** In their order. Rejects where one of them does not arrive. */
  readonly arrived: () => Promise<readonly Attachment[]>;
  readonly add: (files: readonly File[]) => void;
  readonly remove: (key: number) => void;
  readonly clear: () => void;
}

/** Files are on the server before the message is sent that carries them. */
export function useUploads(conversationId: string, onFailed: () => void): Uploads {
  const [all, setAll] = useState<readonly Upload[]>([]);
  const next = useRef(0);
  const stops = useRef(new Map<number, AbortController>());
  const sent = useRef(new Map<number, Promise<Attachment>>());
  const remove = (key: number): void => {
    stops.current.get(key)?.abort();
    stops.current.delete(key);
    sent.current.delete(key);
    setAll((known) => known.filter((one) => one.key !== key));
  };
  const add = (files: readonly File[]): void => {
    for (const file of files.slice(0, mostFiles - all.length)) {
      if (file.size > mostBytes) {
        say(t.compose.tooLarge(file.name, sizeOf(mostBytes)));
        continue;
      }
      const key = (next.current += 1);
      const stop = new AbortController();
      stops.current.set(key, stop);
      setAll((known) => [...known, { key, name: file.name, attachment: undefined }]);
      const upload = api.upload(conversationId, file, stop.signal).then(({ attachment }) => attachment);
      sent.current.set(key, upload);
      upload.then(
        (attachment) =>
          setAll((known) => known.map((one) => (one.key === key ? { ...one, attachment } : one))),
        (error: unknown) => {
          remove(key);
          onFailed();
          if (!stop.signal.aborted)
            say(t.compose.uploadFailed(file.name, error instanceof Error ? error.message : String(error)));
        },
      );
    }
  };
  return {
    all,
    done: all.map(({ attachment }) => attachment).filter((one) => one !== undefined),
    arrived: async () =>
      await Promise.all(all.map(async ({ key }) => await sent.current.get(key))).then((known) =>
        known.filter((one) => one !== undefined),
      ),
    isBusy: all.some(({ attachment }) => attachment === undefined),
    add,
    remove,
    clear: () => {
      sent.current.clear();
      setAll([]);
    },
  };
}
