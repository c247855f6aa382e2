/**
 * A text as one word of a POSIX shell: what is printed to be pasted must name the order, whatever a retailer calls it, and do nothing
 * else. An ordinary id stays as it is.
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
