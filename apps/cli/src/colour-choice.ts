/**
 * Whether output is coloured, settled before anything is printed: imported first, for picocolors looks at the environment
 * when it is loaded, and so do the processes that we start. NO_COLOR and --no-color win, FORCE_COLOR (but 0 or false) and
 * --color come next, else a terminal decides. CI=1 alone colours nothing: a pipe in CI is read by programs, too.
 */
const { env, argv } = process;

function isColoured(): boolean {
  if (env['NO_COLOR'] || argv.includes('--no-color')) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return argv.includes('--color') || (process.stdout.isTTY && env['TERM'] !== 'dumb');
}

if (isColoured()) {
  env['FORCE_COLOR'] ||= '1';
  delete env['NO_COLOR'];
} else {
  env['NO_COLOR'] = '1';
  delete env['FORCE_COLOR'];
}
