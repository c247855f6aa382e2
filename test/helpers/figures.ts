import type { Reporter, TestModule } from "vitest/node";

export type Figures = Readonly<Record<string, number>>;

declare module "vitest" {
  interface TaskMeta {
    figures?: { readonly suite: string; readonly figures: Figures };
  }
}

/** Notes what a test has counted, to be summed up over all tests of the suite, in whatever process they run. */
export function addFigures(
  meta: { figures?: { readonly suite: string; readonly figures: Figures } },
  suite: string,
  figures: Figures,
): void {
  meta.figures = { suite, figures };
}

/** At the end of a run: one line for each suite whose tests have counted something. */
export class FiguresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const suites = new Map<string, Record<string, number>>();
    for (const test of modules.flatMap((module) => [...module.children.allTests()])) {
      const noted = test.meta().figures;
      if (noted === undefined) continue;
      const sums = suites.get(noted.suite) ?? {};
      for (const [name, figure] of Object.entries(noted.figures)) sums[name] = (sums[name] ?? 0) + figure;
      suites.set(noted.suite, sums);
    }
    for (const [suite, sums] of suites) {
      console.log(
        `${suite}: ${Object.entries(sums)
          .map(([name, sum]) => `${sum.toLocaleString("en-US")} ${name}`)
          .join(", ")}`,
      );
    }
  }
}
