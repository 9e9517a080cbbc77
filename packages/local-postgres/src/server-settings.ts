import { statfs } from 'node:fs/promises';
import { hasCode } from './binaries.ts';
import { clusterName } from './server-processes.ts';

const MEBIBYTE = 1024 * 1024;

/**
 * The settings of the embedded server: modest, for two cores and little memory, and as safe as a real one.
 * `own` wins over ours, except for what makes the server reachable from elsewhere.
 */
export async function serverSettings(
  port: number,
  dataDirectory: string,
  own: Record<string, string>,
): Promise<Record<string, string>> {
  return {
    max_connections: '100',
    shared_buffers: '128MB',
    effective_cache_size: '512MB',
    maintenance_work_mem: '64MB',
    max_parallel_workers_per_gather: '1',
    max_parallel_maintenance_workers: '1',
    random_page_cost: '1.1',
    // Compiling costs more than it saves on the short queries of an application.
    jit: 'off',
    dynamic_shared_memory_type: await sharedMemoryType(),
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_error_verbosity: 'terse',
    log_line_prefix: '%m [%p] %a ',
    ...own,
    cluster_name: clusterName(dataDirectory),
    logging_collector: 'off',
    log_destination: 'stderr',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
  };
}

/** Containers often have a /dev/shm of 64 MB, which a parallel query can fill. */
async function sharedMemoryType(): Promise<'posix' | 'mmap'> {
  if (process.platform !== 'linux') return 'posix';
  try {
    const { bsize, blocks } = await statfs('/dev/shm');
    return bsize * blocks >= 256 * MEBIBYTE ? 'posix' : 'mmap';
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'EACCES')) return 'mmap';
    throw error;
  }
}
