import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How it answers every question: as it should, never, a byte a second, or without end. */
export type Manner = 'well' | 'never' | 'drip' | 'flood';

export interface DifficultApplication {
  readonly url: string;
  manner: Manner;
  close(): Promise<void>;
}

const wellAnswer = '{"status":"ok","checks":{"database":{"ok":true,"tookMs":1}}}';
const flood = Buffer.alloc(1024 * 1024, 'a');

export async function startDifficultApplication(): Promise<DifficultApplication> {
  const server = createServer((_request, response) => answer(response, application.manner));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const application: DifficultApplication = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    manner: 'well',
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return application;
}

function answer(response: ServerResponse, manner: Manner): void {
  if (manner === 'well') response.end(wellAnswer);
  else if (manner === 'drip') {
    const timer = setInterval(() => response.write('a'), 1_000);
    response.on('close', () => clearInterval(timer));
    response.write('{');
  } else if (manner === 'flood') pour(response);
}

/** As fast as it is read. */
function pour(response: ServerResponse): void {
  while (!response.destroyed && response.write(flood));
  if (!response.destroyed) response.once('drain', () => pour(response));
}
