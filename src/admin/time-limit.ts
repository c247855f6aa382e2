/** What `work` comes to, or `tooLate()` thrown when that takes longer. The work itself goes on: nothing can call it back. */
export async function withinTime<T>(ms: number, work: Promise<T>, tooLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), ms);
  });
  return await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
