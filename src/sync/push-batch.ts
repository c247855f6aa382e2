import type { Outcome, StageState } from "./outcome.ts";

/** What decides which orders may share a request. */
export interface Sendable {
  readonly storeId: string;
  /** Times the order's answer was lost. */
  readonly doubts: number;
}

/**
 * Requests of one store each, at most `size` orders. Whoever keeps losing its answers travels in smaller and smaller company,
 * half each time, until it is alone and known to be the cause.
 */
export function batchesOf<T extends Sendable>(items: readonly T[], size: number): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = `${item.storeId}\0${sizeAfter(item.doubts, size)}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].flatMap((group) => {
    const length = sizeAfter(group[0]?.doubts ?? 0, size);
    return Array.from({ length: Math.ceil(group.length / length) }, (_, batch) => group.slice(batch * length, (batch + 1) * length));
  });
}

function sizeAfter(doubts: number, size: number): number {
  return Math.max(1, Math.floor(size / 2 ** doubts));
}

/**
 * What to do about an order in flight that the vendor does not have. Within the grace it may still appear: undefined, wait. After it,
 * it is sent again, in smaller company if its answer was lost. Once others got through and it was alone, it is to blame itself.
 */
export function decideAbsent(
  stage: StageState,
  pass: { readonly now: Date; readonly lastFruitful: Date | undefined; readonly batchSize: number },
): Outcome | undefined {
  if (stage.nextAttemptAt !== undefined && stage.nextAttemptAt > pass.now) return undefined;
  const othersArrived = pass.lastFruitful !== undefined && stage.sentAt !== undefined && pass.lastFruitful > stage.sentAt;
  const wasAlone = stage.doubts > 0 && sizeAfter(stage.doubts - 1, pass.batchSize) === 1; // the last doubt came after that sending
  if (othersArrived && wasAlone)
    return { to: "failed", charge: true, error: `sent alone, and never arrived: ${stage.error ?? "no answer"}` };
  return { to: "resend" };
}
