import pc from 'picocolors';
import { count, counted } from '../count.ts';
import type { VerifiedStep } from './verify-run.ts';

const mostNamed = 10;

/** What was found of a step, in one sentence; of rows that differ, their keys below it. */
export function verificationLines(found: VerifiedStep): readonly string[] {
  const { step, table, compared, different, notVerified } = found;
  if (notVerified !== null) return [`${pc.yellow('–')} ${step}: not verified: ${notVerified}.`];
  const rate = compared === 0 ? '' : `; ${count(found.rowsPerSecond)} rows/s`;
  const rest = leftOf(found) + rate;
  if (different === 0)
    return [
      `${pc.green('✔')} ${step}: ${counted(compared, 'row')} of ${table} compared, none differs${rest}.`,
    ];
  return [
    `${pc.red('✘')} ${step}: ${count(different)} of ${counted(compared, 'row')} of ${table} ${different === 1 ? 'differs' : 'differ'}${rest}.`,
    `  ${keysOf(found)}`,
  ];
}

function leftOf({ notDone, quarantined }: VerifiedStep): string {
  if (notDone === 0) return '';
  const aside = quarantined === 0 ? '' : `, ${count(quarantined)} of them set aside`;
  return `; ${count(notDone)} still to do by the guard${aside}`;
}

function keysOf({ keys, different }: VerifiedStep): string {
  const named = keys.slice(0, mostNamed).join(', ');
  const more = different - Math.min(different, mostNamed);
  return `Keys: ${named}${more === 0 ? '' : ` and ${count(more)} more`}`;
}
