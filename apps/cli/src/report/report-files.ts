import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '../error-text.ts';
import { Refusal } from '../exit-codes.ts';
import { workFolder } from '../session.ts';
import { reportMarkdown } from './report-markdown.ts';
import { reportSchema, type Report } from './report-schema.ts';

const reportFolder = join(workFolder, 'report');
export const clientLogFile = join(reportFolder, 'clients.jsonl');

/** Writes report.json and report.md, each whole or not at all. Returns their paths. */
export function writeReport(report: Report): readonly string[] {
  mkdirSync(reportFolder, { recursive: true });
  const files = {
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'report.md': reportMarkdown(report),
  };
  return Object.entries(files).map(([name, text]) => {
    const path = join(reportFolder, name);
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    return path;
  });
}

/** @throws Refusal when there is no report, or when it is not one of this version. */
export function readReport(): Report {
  const path = join(reportFolder, 'report.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refusal(`no report at ${path}: a run writes one when it ends`, { cause: error });
  }
  const report = reportSchema.safeParse(parsed(text, path));
  if (!report.success) {
    const [issue] = report.error.issues;
    throw new Refusal(
      `${path} is not a report of this version: ${issue?.path.join('.') || 'its root'}: ${issue?.message}`,
    );
  }
  return report.data;
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal(`${path} is not JSON: ${errorText(error)}`, { cause: error });
  }
}
