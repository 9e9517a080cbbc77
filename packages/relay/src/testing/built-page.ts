import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';

export interface BuiltPage {
  /** The names of all modules that are in the page, as paths. */
  readonly modules: readonly string[];
  readonly files: ReadonlyMap<string, string>;
}

/** Builds a page as for production: the one of the folder "page", or of another folder with an index.html. */
export async function buildPage(root = join(import.meta.dirname, 'page')): Promise<BuiltPage> {
  const output = (await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, target: 'esnext' },
  })) as Rolldown.RolldownOutput;
  const files = new Map<string, string>();
  const modules: string[] = [];
  for (const file of output.output) {
    files.set(`/${file.fileName}`, file.type === 'chunk' ? file.code : String(file.source));
    if (file.type === 'chunk') modules.push(...file.moduleIds);
  }
  return { files, modules };
}

/** Serves it, as any web server would, at an address of its own. */
export async function servePage({ files }: BuiltPage): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://page');
    const text = files.get(pathname === '/' ? '/index.html' : pathname);
    const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
    response.writeHead(text === undefined ? 404 : 200, { 'content-type': `${type}; charset=utf-8` });
    response.end(text);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
