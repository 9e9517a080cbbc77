import { open, type FileHandle } from 'node:fs/promises';

const FLUSH_EVERY_MS = 250;

/**
 * The people's own record of what happened: one JSON object a line, written as it happens. Lines are written whole,
 * so that a reader who comes meanwhile finds at most the last one cut off.
 */
export class ClientLog {
  readonly #file: FileHandle;
  readonly #onError: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #lines: string[] = [];
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, onError: (error: unknown) => void) {
    this.#file = file;
    this.#onError = onError;
    this.#timer = setInterval(() => this.#flush(), FLUSH_EVERY_MS);
  }

  /** @param onError is told when the log cannot be written any more, such as on a full disk. */
  static async create(file: string, onError: (error: unknown) => void): Promise<ClientLog> {
    return new ClientLog(await open(file, 'w', 0o600), onError);
  }

  write(line: { readonly kind: string } & Readonly<Record<string, unknown>>): void {
    this.#lines.push(`${JSON.stringify(line)}\n`);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#flush();
    await this.#writing;
    await this.#file.close();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join('');
    this.#lines = [];
    this.#writing = this.#writing.then(async () => await this.#file.appendFile(text)).catch(this.#onError);
  }
}
