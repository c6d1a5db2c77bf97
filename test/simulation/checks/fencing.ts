import type { Play } from '../play.ts';

/** Nobody wrote after another had taken the lease: tokens never go back from commit to commit. */
export function checkFencing({ log }: Play): string[] {
  const complaints: string[] = [];
  let newest = { who: 'nobody', token: 0 };
  for (const commit of log.commits) {
    if (commit.token < newest.token) {
      complaints.push(
        `${commit.who} wrote with lease ${commit.token} after ${newest.who} had lease ${newest.token}`,
      );
    } else newest = commit;
  }
  return complaints;
}
