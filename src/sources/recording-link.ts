/** Parameters that sign a link for a while. Any that looks like one is taken for one. */
const SIGNING = /sig|token|expires|x-amz|x-goog|key-pair/i;

/**
 * A recording's link as it may be stored. One that is signed opens the recording for whoever reads it, and is worded
 * anew at each reading: it is kept without its query. Any other is kept as it is.
 */
export function withoutSignature(link: string): string {
  const [withoutFragment = ''] = link.split('#', 1);
  const [address = '', ...query] = withoutFragment.split('?');
  const names = [...new URLSearchParams(query.join('?')).keys()];
  return names.some((name) => SIGNING.test(name)) ? address : link;
}
