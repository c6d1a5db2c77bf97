import { checkDatabase } from './check-database.ts';
import { checkSources } from './check-sources.ts';
import type { CommandContext } from './command.ts';

/** `check`: database, rights, clock, and each key and endpoint. Every problem at once, each with its fix. */
export async function check(context: CommandContext): Promise<number> {
  // A database that fails must not hide a wrong key.
  const findings = [...(await checkDatabase(context)), ...(await checkSources(context))];
  const text = findings
    .map(
      ({ ok, what, detail, fix }) => `${ok ? 'ok ' : 'NO '} ${what}: ${detail}${fix ? `\n     ${fix}` : ''}`,
    )
    .join('\n');
  context.console.result({ findings }, text);
  return findings.every(({ ok }) => ok) ? 0 : 1;
}
