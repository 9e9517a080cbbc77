import type { Command } from 'commander';
import pc from 'picocolors';
import { examine } from '../doctor/examine.ts';
import type { Area, Finding, Level } from '../doctor/finding.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const doctorCommand: CrossfadeCommand<DoctorOptions> = {
  name: 'doctor',
  about: 'Say what is wrong with this machine or this run, and what to do',
  needsDatabase: true,
  declare,
  execute,
};

interface DoctorOptions {
  readonly database?: string;
  readonly app?: readonly string[];
}

function declare(command: Command): void {
  command
    .option('--app <url...>', "the application's processes, when no demonstration runs here")
    .addHelpText(
      'after',
      `
Looks at the machine, the database and the newest run; starts and changes
nothing, and ends within ten seconds. Exit code 1 when there is a problem.`,
    );
}

async function execute(output: Output, options: DoctorOptions): Promise<ExitCode> {
  const findings = await examine(options.database, options.app ?? []);
  const problems = findings.filter(({ level }) => level === 'problem').length;
  output.data({ ok: problems === 0, findings });
  for (const area of ['machine', 'database', 'run'] as const) printArea(output, area, findings);
  output.result(verdict(findings));
  return problems === 0 ? exitCodes.ok : exitCodes.failed;
}

const headings: Readonly<Record<Area, string>> = {
  machine: 'This machine',
  database: 'The database',
  run: 'The run',
};

const marks: Readonly<Record<Level, string>> = {
  ok: pc.green('✔'),
  note: pc.dim('·'),
  warning: pc.yellow('!'),
  problem: pc.red('✘'),
};

function printArea(output: Output, area: Area, findings: readonly Finding[]): void {
  const own = findings.filter((finding) => finding.area === area);
  if (own.length === 0) return;
  output.line(pc.bold(headings[area]));
  for (const { level, topic, what, todo } of own) {
    // With --quiet only what asks for something.
    const tell = (text: string) =>
      level === 'ok' || level === 'note' ? output.line(text) : output.result(text);
    tell(`${marks[level]} ${topic === area ? '' : `${topic}: `}${what}`);
    if (todo !== null) tell(`  → ${todo}`);
  }
  output.line();
}

function verdict(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  if (problems > 0) return pc.red(`${problems} ${problems === 1 ? 'problem' : 'problems'} to mend.`);
  if (warnings > 0)
    return `It works; ${warnings} ${warnings === 1 ? 'thing' : 'things'} may trouble you later.`;
  return pc.green('All is well.');
}
