import { ConfigError } from '../errors.ts';
import type { SandboxOptions } from '../sandbox/options.ts';
import { startSandbox } from '../sandbox/server.ts';
import type { CommandContext } from './command.ts';

export type SandboxCommand = SandboxOptions & { host: string; port: number };

/** `sandbox`: the simulated vendors, until they are told to stop. */
export async function sandboxCommand(
  { console, signal }: Pick<CommandContext, 'console' | 'signal'>,
  command: SandboxCommand,
): Promise<number> {
  const sandbox = await startSandbox(command).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new ConfigError([
      `--port ${command.port}: the port cannot be used (${code}); choose another, or 0 for any`,
    ]);
  });
  const key = command.apiKey ?? 'sandbox-key';
  const { vox, voicy, diga } = sandbox;
  const bases = { VOX: vox.baseUrl, VOICY: voicy.baseUrl, DIGA: diga.baseUrl };
  console.result(
    { url: sandbox.url, baseUrls: bases, apiKey: key },
    [
      `simulated vox.ai, Voicy and Diga at ${sandbox.url}; in another terminal, all of these or some:`,
      '',
      ...Object.entries(bases).map(
        ([prefix, baseUrl]) => `  export ${prefix}_API_KEY=${key} ${prefix}_BASE_URL=${baseUrl}`,
      ),
      '  npx callhouse sync',
      '',
      `their truth: ${sandbox.url}/sandbox/vox/truth (voicy, diga) · requests: …/sandbox/vox/requests · Ctrl-C stops it`,
    ].join('\n'),
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await sandbox.close();
  return 0;
}
