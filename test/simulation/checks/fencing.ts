import type { Scene } from '../play.ts';

/** Nobody wrote after another had taken the lease: tokens never go back from commit to commit. */
export function checkFencing({ play: { log }, name }: Scene): string[] {
  const complaints: string[] = [];
  let newest = { who: 'nobody', token: 0 };
  for (const commit of log.commits.filter(({ vendor }) => vendor === name)) {
    if (commit.token < newest.token) {
      complaints.push(
        `${commit.who} wrote with lease ${commit.token} after ${newest.who} had lease ${newest.token}`,
      );
    } else newest = commit;
  }
  return complaints;
}
