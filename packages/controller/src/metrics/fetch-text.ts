import { errorMessage } from '../error-message.ts';

/** What an endpoint said. */
export interface TextAnswer {
  readonly status: number;
  readonly text: string;
}

const sizeLimitBytes = 8 * 1024 * 1024;

/**
 * GET within a deadline and a size limit.
 * @throws Error naming the URL when it did not answer in time, said too much, or could not be reached.
 */
export async function fetchText(url: string, accept: string, timeoutMs: number): Promise<TextAnswer> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { headers: { accept }, signal, redirect: 'error' });
    return { status: response.status, text: await bodyOf(response) };
  } catch (error) {
    throw new Error(`GET ${url}: ${reasonOf(error, timeoutMs)}`, { cause: error });
  }
}

async function bodyOf(response: Response): Promise<string> {
  if (!response.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > sizeLimitBytes) throw new Error(`the answer is larger than ${sizeLimitBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  // fetch says only "fetch failed"; why stands in the cause.
  return errorMessage(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}
